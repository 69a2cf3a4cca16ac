// Computes running deadlines: a ladder is an escalation policy, a rung one step of it, due a time after
// a moment of the record. Nothing is stored on the tablet but the record: deadlines are computed from
// it whenever they are shown. Twin of sync/ladder.py. Cases: tests/vectors/ladder.json.

import { matches } from "./selector.js"
import { isWithdrawn } from "./statements.js"
import { add, dayEnds, UNITS } from "./worktime.js"

const indexed = new WeakMap()
const NONE = []

// Returns {kind of record: {name: ladder}}, so that no record is asked of others' ladders.
export function byKind(declarations) {
  let found = indexed.get(declarations)
  if (!found) {
    indexed.set(declarations, (found = {}))
    for (const [name, ladder] of Object.entries(declarations.ladders)) {
      ;(found[ladder.record] ??= {})[name] = ladder
    }
  }
  return found
}

// Says whether the ladder's deadlines run on this record: it has begun, and its condition holds; on
// what was withdrawn none does.
export function runs(ladder, record) {
  if (!Number.isInteger(record[ladder.starts]) || isWithdrawn(record)) return false
  return matches(ladder.runs_while, record)
}

// Returns the moment (ms) that a field holds, or null; a day stands for its end.
export function momentIn(declarations, record, name, calendar) {
  const value = record[name]
  if (!Number.isInteger(value)) return null
  const field = declarations.records[record.type].fields.find(one => one.name === name)
  return field?.kind === "day" ? dayEnds(value, calendar) : value
}

// Returns the moment (ms) at which each rung is due for the first time; null for one that has none: a
// setting of it is not set, a field of it is empty, or it counts something and there are not enough.
export function rungMoments(declarations, ladder, record, settings, calendar) {
  return ladder.rungs.map(rung => {
    let moment = momentIn(declarations, record, rung.until || ladder.starts, calendar)
    if (rung.at_least?.length && !isCounted(rung, record, settings)) moment = null
    if (rung.minutes && moment !== null) {
      const more = record[rung.minutes]
      moment = Number.isInteger(more) ? moment + more * UNITS.min : null
    }
    const steps = (rung.after ?? NONE).map(key => [key, 1])
    for (const [key, sign] of rung.before ? [...steps, [rung.before, -1]] : steps) {
      const { value, unit } = settings[key]
      if (value === null || moment === null) return null
      moment = add(moment, sign * value, unit, calendar)
    }
    return moment
  })
}

function isCounted({ at_least: [field, key] }, record, settings) {
  const least = settings[key].value
  return least !== null && (record[field] || 0) >= least
}

// Returns the moment (ms) of a rung that is told again: the next one after the last telling. `first` is
// its moment for the first time, from which months are counted, `steps` are those that stand.
export function toldAgain(rung, first, steps, settings, calendar) {
  const { value: every, unit } = settings[rung.again]
  const told = steps.filter(step => step.due_at >= first)
  if (!told.length || !every) return first
  const last = Math.max(...told.map(step => step.at))
  let moment = unit === "mon" ? first : Math.max(...told.map(step => step.due_at))
  if (Object.hasOwn(UNITS, unit)) {
    const length = every * UNITS[unit]
    return moment + Math.max(1, Math.floor((last - moment) / length) + 1) * length
  }
  for (let times = 1; moment <= last; times++) {
    if (unit === "mon") moment = add(first, times * every, unit, calendar)
    else moment = add(moment, every, unit, calendar)
  }
  return moment
}

// Returns the deadlines that run on a record, one for each rung of each running ladder, passed or
// ahead, the soonest first: [{ladder, rung (from 1), name, due_at (ms), tell}].
export function clocks(declarations, record, settings, calendar) {
  const found = []
  for (const [name, ladder] of Object.entries(byKind(declarations)[record.type] ?? {})) {
    if (!runs(ladder, record)) continue
    const moments = rungMoments(declarations, ladder, record, settings, calendar)
    for (const [index, rung] of ladder.rungs.entries()) {
      if (moments[index] === null) continue
      const steps = rung.again ? stepsOf(record, name, index + 1) : NONE
      const due_at = rung.again
        ? toldAgain(rung, moments[index], steps, settings, calendar)
        : moments[index]
      found.push({
        ladder: name,
        rung: index + 1,
        name: rung.name,
        due_at,
        tell: rung.tell ?? NONE,
      })
    }
  }
  return found.sort((one, other) => one.due_at - other.due_at || byLadder(one, other))
}

// Returns the steps of one rung that were taken and not annulled.
function stepsOf(record, name, number) {
  const climbed = record.rungs?.[name] ?? NONE
  return climbed.filter(step => step.rung === number && !("annulled_at" in step))
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
