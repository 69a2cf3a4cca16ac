// Computes the to-do list: which running deadlines of which records are due, for whom, in which group.
// Pure: `records` are those with a running deadline, `world` has the declarations and the moment.
import { _ } from "../base/words.js"
import { dayWords, farWords, momentWords, runningDeadlines, stateOf } from "./deadlines.js"
import { clock, DAY, HOUR, MINUTE } from "../rules/display_format.js"
import { momentIn } from "../rules/ladder.js"
import { localDay } from "../rules/worktime.js"
import { isMine } from "./reference.js"

const SOON = 20 * MINUTE // to a deadline that is worth preparing for now

/**
 * Return the first deadlines that each record is past, else its soonest one: [{key, record, ladder, due_at,
 * over_at, state, mine, told}]. What comes after it on the same record waits for it.
 */
export function deadlinesToDo(records, world, person) {
  const tasks = []
  for (const record of records) {
    const running = runningDeadlines(record, world).filter(({ tell }) => tell?.length > 0)
    const first = running.filter(one => isLowest(one, running))
    const due = first.filter(one => one.due_at <= world.now)
    for (const one of due.length ? due : first.slice(0, 1)) {
      tasks.push(task(record, one, running, world, person))
    }
  }
  return tasks
}

const isLowest = ({ ladder, rung }, running) =>
  !running.some(other => other.ladder === ladder && other.rung < rung)

function task(record, first, running, world, person) {
  const own = running.filter(one => one.ladder === first.ladder)
  const reached = own.filter(one => one.due_at <= world.now)
  const { rungs } = world.declarations.ladders[first.ladder]
  const end = own.find(one => !rungs[one.rung - 1].before) ?? first // a warning is not late
  return {
    key: `${record._id}.${first.ladder}`,
    record,
    ladder: first.ladder,
    due_at: end.due_at,
    over_at: own.find(one => one.rung === 2)?.due_at ?? null,
    state: stateOf(running, first.ladder, world.now),
    mine: [first, ...reached].some(one => isMine(one, record, person, world)),
    told: own.filter(one => one.rung > first.rung),
  }
}

/** How many deadlines of this person have passed, and records of each kind by its path: for the tabs. */
export function todoCount(records, world, person) {
  const late = deadlinesToDo(records, world, person).filter(
    one => one.mine && one.due_at <= world.now,
  )
  const { records: kinds } = world.declarations
  const paths = Object.values(kinds).map(({ path }) => path)
  const counts = Object.fromEntries(paths.filter(Boolean).map(path => [path, 0]))
  for (const { type } of new Map(late.map(({ record }) => [record._id, record])).values()) {
    if (kinds[type].path) counts[kinds[type].path] += 1
  }
  return { ...counts, todo: late.length }
}

/** Return the group of a task due at `due` (ms, or null for as soon as possible): a name of GROUPS. */
export function groupOf(due, world) {
  if (due === null) return "soon"
  if (due <= world.now) return "overdue"
  if (due <= world.now + SOON) return "soon"
  return localDay(due, world.calendar) === localDay(world.now, world.calendar) ? "today" : "later"
}

export const GROUPS = ["overdue", "soon", "today", "later"]

/** Return tasks in their groups, the most urgent first: [[name, tasks]], without empty groups. */
export function grouped(tasks, world) {
  const sorted = [...tasks].sort(
    (a, b) => (a.due_at ?? 0) - (b.due_at ?? 0) || (a.key < b.key ? -1 : 1),
  )
  return GROUPS.map(name => [
    name,
    sorted.filter(one => groupOf(one.due_at, world) === name),
  ]).filter(([, some]) => some.length)
}

/** Return {side, side_state}: when something is due, as the end of a row says it. */
export function dueWords(ask, due, state) {
  const group = groupOf(due, ask.world)
  if (group === "overdue") return { side: lateWords(ask, ask.now - due), side_state: state }
  if (group === "soon") {
    const n = Math.ceil((due - ask.now) / MINUTE)
    return { side: ask.say(_("%(n)s min left"), { n }), side_state: "due" }
  }
  const side = group === "today" ? clock(due) : dayWords(ask.say, due)
  return { side, side_state: state }
}

/** Return the clock of a deadline to do: how long is left or past, and from when it counts. */
export function clockOf(ask, { record, ladder, state, due_at }) {
  const { calendar, declarations } = ask.world
  const { label, starts } = declarations.ladders[ladder]
  const began = momentIn(declarations, record, starts, calendar) // of a day that is its end
  return {
    ...{ state, due_at },
    before: ask.say(due_at <= ask.now ? _("Overdue by") : _("Time left")),
    far:
      ask.now - due_at < DAY
        ? farWords(ask.say, due_at, ask.now, calendar)
        : lateWords(ask, ask.now - due_at),
    note: ask.say(_("%(label)s, counted from %(moment)s"), {
      label: ask.say(label),
      moment: momentWords(ask.say, began, ask.now, calendar),
    }),
  }
}

function lateWords(ask, late) {
  if (late < MINUTE) return ask.say(_("due now"))
  if (late < HOUR) return ask.say(_("%(n)s min late"), { n: Math.floor(late / MINUTE) })
  if (late < DAY) return ask.say(_("%(n)s h late"), { n: Math.floor(late / HOUR) })
  return ask.say(_("%(n)s d late"), { n: Math.floor(late / DAY) })
}
