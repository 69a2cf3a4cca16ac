// Guards of acts: who may say one, what it rests on, and whose answers it would replace. Everything is
// asked of the record and the declarations alone; what lacks in a declaration is none.
// Twin of sync/guards.py, function by function. Cases: tests/vectors/guards.json.

import { SYSTEM } from "./act.js"
import { matches, same } from "./selector.js"

export { SYSTEM }

// Set by no act.
const OWN = ["_id", "_rev", "type", "rungs", "unsettled", "setters", "acts", "stated"]
const NONE = []

// Hands

// Says whether an act is this person's to say, by the people that the record names; `known` is the
// record, or the data of the act that makes it. The clock passes.
export function maySay(declared, known, by) {
  if (by.startsWith(SYSTEM)) return true
  const { only_by = NONE, not_by = NONE } = declared
  if (people(known, not_by).includes(by)) return false
  return !only_by.length || people(known, only_by).includes(by)
}

function people(known, names) {
  return names.flatMap(name => get(known, name))
}

// What an act rests on

// Returns what an act says, without the values that it rests on.
export function told(declared, data) {
  const { rests_on = NONE } = declared
  if (!rests_on.length) return data
  return Object.fromEntries(Object.entries(data).filter(([name]) => !rests_on.includes(name)))
}

// Says whether what the act rests on is still as its author saw it.
export function stands(declared, record, data) {
  return (declared.rests_on ?? NONE).every(name => same(get(record, name), get(data, name)))
}

// Returns why an act may not take effect on a record, or null; asked anew of a gate's question.
// The reasons are not_now, changed_meanwhile (what it rests on), held.
export function refused(declarations, declared, record, act) {
  if (declared.when !== null && !matches(declared.when, record)) return "not_now"
  if (!stands(declared, record, act.data)) return "changed_meanwhile"
  return touchesHeld(declarations, declared, record, act) ? "held" : null
}

// Returns the fields that gates hold: those whose stamps stand and that moved the state.
export function held(declarations, record) {
  return (declarations.records[record.type].holds ?? NONE).flatMap(([stamps, names]) =>
    stamps.every(stamp => Object.hasOwn(record, stamp)) ? names : NONE,
  )
}

// Says whether an act would change what a gate holds; a decision signs anew.
export function touchesHeld(declarations, declared, record, act, { decided = false } = {}) {
  const names = held(declarations, record)
  if (!names.length) return false
  const effect = { ...declared.sets, ...told(declared, act.data) }
  if (decided) for (const name of declared.signs) effect[name] = act.by
  return names.some(
    name =>
      (Object.hasOwn(effect, name) && !same(get(record, name), effect[name])) ||
      Object.hasOwn(declared.adds, name),
  )
}

// Sets a field by an act and its person; what rests on it falls when it changes.
export function put(declarations, record, name, value, act, by) {
  if (OWN.includes(name)) return
  const { falls } = declarations.records[record.type]
  const resting = falls && get(falls, name)
  const falling = resting && !same(get(record, name), value) ? resting : NONE
  if (value === null) delete record[name]
  else record[name] = value
  record.setters[name] = [act, by]
  for (const fallen of falling) {
    if (Object.hasOwn(record, fallen)) put(declarations, record, fallen, null, act, by)
  }
}

// Answers of others

// Says whether an act would replace what somebody else said and its author had not seen. Which answers
// the author replaces stands in `over`: `seen` names one act, and does not know what another tablet
// said earlier and sent later. Acts without `over` are from older tablets.
export function changedMeanwhile(record, act, said) {
  const replaced = act.over ?? null
  return said.some(([name, value]) => {
    const setter = get(record.setters, name)
    const current = get(record, name)
    if (setter === null || setter[1] === act.by || same(current, value)) return false
    if (replaced === null) return isLater(record, setter[0], act.seen ?? null)
    return !same(current, get(replaced, name))
  })
}

// Returns `over` for an act with this data: the values that its author saw and would replace. `seen` is
// the last act that was on the screen; what came after it was not seen.
export function over(record, data, seen) {
  const replaced = {}
  for (const [name, value] of Object.entries(data)) {
    const current = get(record, name)
    const setter = get(record.setters, name)
    if (current === null || setter === null || same(current, value)) continue
    if (!isLater(record, setter[0], seen)) replaced[name] = current
  }
  return replaced
}

// Says whether a field was set, by the act `setter`, after what the author had seen.
// The history's order decides where it reaches: an act's id is as old as the form it was entered in, or
// lies in the future of a clock that is wrong. What the history has forgotten is older than what it knows.
export function isLater(record, setter, seen) {
  if (seen === null) return true
  const recent = record.acts.recent.map(entry => entry.id)
  if (recent.includes(seen)) return recent.indexOf(setter) > recent.indexOf(seen)
  return setter > seen
}

// Returns an object's own member, null for none.
export const get = (object, name) => (Object.hasOwn(object, name) ? object[name] : null)
