// What is to be done, by when: pure, from the records with a clock, the ladders and the moment.
import { runningClocks, stateOf } from "./deadlines.js"
import { MINUTE } from "../rules/format.js"
import { localDay } from "../rules/worktime.js"
import { isMine } from "./reference.js"

const SOON = 20 * MINUTE // what is due within it is prepared now

/**
 * One clock of each record that has run out, else its soonest: [{key, record, ladder, due_at,
 * over_at, state, mine, told}]; what comes after it on the same record waits for it.
 */
export function clocksToDo(records, world, person) {
  const found = []
  for (const record of records) {
    const running = runningClocks(record, world)
    const first = running.filter(one => one.rung === 1)
    const due = first.filter(one => one.due_at <= world.now)
    for (const one of due.length ? due : first.slice(0, 1)) {
      found.push(task(record, one, running, world, person))
    }
  }
  return found
}

function task(record, first, running, world, person) {
  const own = running.filter(one => one.ladder === first.ladder)
  const reached = own.filter(one => one.due_at <= world.now)
  return {
    key: `${record._id}.${first.ladder}`,
    record,
    ladder: first.ladder,
    due_at: first.due_at,
    over_at: own.find(one => one.rung === 2)?.due_at ?? null,
    state: stateOf(running, first.ladder, world.now),
    mine: [first, ...reached].some(one => isMine(one, record, person)),
    told: own.filter(one => one.rung > 1),
  }
}

/** How many clocks of this person have run out, and records of each kind by its path: for the tabs. */
export function todoCount(records, world, person) {
  const late = clocksToDo(records, world, person).filter(one => one.mine && one.due_at <= world.now)
  const records_late = new Map(late.map(one => [one.record._id, one.record.type]))
  const counts = { todo: late.length }
  for (const [kind, { path }] of Object.entries(world.declarations.records)) {
    if (path) counts[path] = [...records_late.values()].filter(type => type === kind).length
  }
  return counts
}

/** overdue, soon, today or later; a task without a moment is done soon. */
export function groupOf(due, world) {
  if (due === null) return "soon"
  if (due <= world.now) return "overdue"
  if (due <= world.now + SOON) return "soon"
  return localDay(due, world.calendar) === localDay(world.now, world.calendar) ? "today" : "later"
}

export const GROUPS = ["overdue", "soon", "today", "later"]

/** Tasks in their groups, the most urgent first: [[name, tasks]], without the empty ones. */
export function grouped(tasks, world) {
  const sorted = [...tasks].sort(
    (a, b) => (a.due_at ?? 0) - (b.due_at ?? 0) || (a.key < b.key ? -1 : 1),
  )
  return GROUPS.map(name => [
    name,
    sorted.filter(one => groupOf(one.due_at, world) === name),
  ]).filter(([, some]) => some.length)
}
