// Computes running deadlines: a ladder is an escalation policy, a rung one step of it, due a time after
// a moment of the record. Nothing is stored on the tablet but the record: deadlines are computed from
// it whenever they are shown. Twin of sync/ladder.py. Cases: tests/vectors/ladder.json.

import { matches } from "./selector.js"
import { isWithdrawn } from "./statements.js"
import { add } from "./worktime.js"

// Says whether the ladder's deadlines run on this record: it has begun, and its condition holds; on
// what was withdrawn none does.
export function runs(ladder, record) {
  if (!Number.isInteger(record[ladder.starts]) || isWithdrawn(record)) return false
  return matches(ladder.runs_while, record)
}

// Returns the moment (ms) at which each rung is due, from `started` (ms) on; null for a rung whose
// setting is not set.
export function rungMoments(ladder, started, settings, calendar) {
  return ladder.rungs.map(rung => {
    let moment = started
    for (const key of rung.after) {
      const setting = settings[key]
      if (setting.value === null) return null
      moment = add(moment, setting.value, setting.unit, calendar)
    }
    return moment
  })
}

// Returns the deadlines that run on a record, one for each rung of each running ladder, passed or
// ahead, the soonest first: [{ladder, rung (from 1), name, due_at (ms), tell}].
export function clocks(declarations, record, settings, calendar) {
  const found = []
  for (const [name, ladder] of Object.entries(declarations.ladders)) {
    if (ladder.record !== record.type || !runs(ladder, record)) continue
    const moments = rungMoments(ladder, record[ladder.starts], settings, calendar)
    ladder.rungs.forEach((rung, index) => {
      if (moments[index] === null) return
      const deadline = { ladder: name, rung: index + 1, name: rung.name, due_at: moments[index] }
      found.push({ ...deadline, tell: rung.tell })
    })
  }
  return found.sort((one, other) => one.due_at - other.due_at || byLadder(one, other))
}

function byLadder(one, other) {
  if (one.ladder !== other.ladder) return one.ladder < other.ladder ? -1 : 1
  return one.rung - other.rung
}

// Returns where the record stands: {reached: [deadline…], next: deadline or null, state}; state is calm
// before the first rung, due from a first rung on, over from a second one on, paused when nothing runs.
export function position(declarations, record, settings, calendar, now) {
  const running = clocks(declarations, record, settings, calendar)
  const reached = running.filter(deadline => deadline.due_at <= now)
  const ahead = running.filter(deadline => deadline.due_at > now)
  let state = running.length ? "calm" : "paused"
  if (reached.length) state = reached.some(deadline => deadline.rung > 1) ? "over" : "due"
  return { reached, next: ahead[0] ?? null, state }
}

// Returns the moment (ms) at which the first rung of any running ladder is (or was) due, or null.
export function nextDue(declarations, record, settings, calendar) {
  return clocks(declarations, record, settings, calendar)[0]?.due_at ?? null
}
