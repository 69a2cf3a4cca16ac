// Guards of acts: who may say one, what it rests on, and whose answers it would replace. Everything is
// asked of the record and the declarations alone; what lacks in a declaration is none.
// Twin of sync/guards.py, function by function. Cases: tests/vectors/guards.json.

import { SYSTEM } from "./act.js"
import { answered, answers, missing, read } from "./maps.js"
import { isObject, parted } from "./field_kinds.js"
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

// Returns what an act says, by paths: not what it rests on, nor what was copied at first. What a record
// took from a link is what it was then, whoever makes it or copies it as well, until an act names another
// link. Of a map that is copied twice, keys that are new come with it: what was answered there has its item.
export function said(kind, declared, record, data) {
  const meant = told(declared, data)
  const copied = kind.fields.filter(
    ({ name, takes }) => takes?.length && Object.hasOwn(meant, name),
  )
  if (record.state === "unknown" || !copied.length) return answers(kind, meant)
  const makes = declared.creates && declared.again
  const kept = {} // in the order in which it was said
  for (const [name, value] of Object.entries(meant)) {
    const { takes } = copied.find(field => field.name === name) ?? {}
    const was = takes ? get(record, name) : null
    if (was === null || (!makes && Object.hasOwn(meant, takes[0]))) kept[name] = value
    else if (!makes && isObject(value)) {
      const isNew = ([key]) => !Object.hasOwn(was, key)
      kept[name] = Object.fromEntries(Object.entries(value).filter(isNew))
    }
  }
  return answers(kind, kept)
}

// Says whether what the act rests on is still as its author saw it.
export function stands(declared, record, data) {
  return (declared.rests_on ?? NONE).every(name => same(get(record, name), get(data, name)))
}

// Returns why an act may not take effect on a record, or null; asked anew of a gate's question.
// The reasons are not_now, changed_meanwhile (what it rests on), held, incomplete (what the record requires,
// or not all of a map).
export function refused(declarations, declared, record, act) {
  if (declared.when !== null && !matches(declared.when, record)) return "not_now"
  if (!stands(declared, record, act.data)) return "changed_meanwhile"
  if (touchesHeld(declarations, declared, record, act)) return "held"
  const kind = declarations.records[record.type]
  return missing(kind, declared, record, act.data).length ? "incomplete" : null
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
  const kind = declarations.records[record.type]
  const answered = answers(kind, told(declared, act.data))
  const effect = { ...sets(declared, record, answered), ...answered }
  if (decided) for (const name of declared.signs) effect[name] = act.by
  const changed = Object.keys(effect).filter(path => !same(read(record, path), effect[path]))
  const touched = [...changed.map(path => parted(path)[0]), ...Object.keys(declared.adds)]
  return touched.some(name => names.includes(name))
}

// Returns what an act sets: by what it says itself, too, where it says what stands instead.
export function sets(declared, record, said) {
  const [fits, values] = declared.instead ?? NONE
  if (!fits || !matches(fits, { ...record, ...said })) return declared.sets
  return { ...declared.sets, ...values }
}

// Sets a field by an act and its person; what rests on it falls when it changes.
export function put(declarations, record, name, value, act, by) {
  if (OWN.includes(name)) return
  const { falls = {} } = declarations.records[record.type]
  const changes = Object.hasOwn(falls, name) && !same(get(record, name), value)
  if (value === null) delete record[name]
  else record[name] = value
  record.setters[name] = [act, by]
  if (changes) fall(declarations, record, name, act, by)
}

// Writes down what an act says of keys of maps, and that it said what stands there already.
export function answerKeys(declarations, declared, record, act, said) {
  const found = []
  for (const [path, value] of Object.entries(said)) {
    const setter = path.includes(".") && answered(record, path, value, act, declared.undo)
    if (setter) found.push([path, [value, setter]])
  }
  putKeys(declarations, record, found, act._id, act.by)
}

// Sets keys of maps, [[path, [value, setter]], …]: each map is written once, whatever rests on it. A key
// without a setter is forgotten. `act` and `by` take what falls.
export function putKeys(declarations, record, found, act, by) {
  const written = {}
  for (const [path, [value, setter]] of found) {
    const [name, key] = parted(path)
    if (!same(read(record, path), value)) {
      written[name] ??= { ...record[name] }
      if (value === null) delete written[name][key]
      else written[name][key] = value
    }
    if (setter === null) delete record.setters[path]
    else record.setters[path] = setter
  }
  for (const [name, kept] of Object.entries(written)) {
    if (Object.keys(kept).length) record[name] = kept
    else delete record[name]
    fall(declarations, record, name, act, by)
  }
}

function fall(declarations, record, name, act, by) {
  const { falls = {} } = declarations.records[record.type]
  for (const fallen of get(falls, name) ?? NONE) {
    if (Object.hasOwn(record, fallen)) put(declarations, record, fallen, null, act, by)
  }
}

// Answers of others

// Returns the paths where an act would replace what somebody else said, unseen by its author. Which answers
// the author replaces stands in `over`: `seen` names one act, and does not know what another tablet
// said earlier and sent later. Acts without `over` are from older tablets.
export function changedMeanwhile(record, act, said) {
  const replaced = act.over ?? null
  const late = said.filter(([path, value]) => {
    const setter = get(record.setters, path)
    const current = read(record, path)
    if (setter === null || isOwn(setter, act.by) || same(current, value)) return false
    if (replaced === null) return isLater(record, setter[0], act.seen ?? null)
    return !same(current, get(replaced, path))
  })
  return late.map(([path]) => path)
}

// Whether an act stands or falls as one: whatever does more than answer keys of maps.
export function isWhole(declared, late) {
  const { adds, signs, needs_all = NONE } = declared
  const more = [...Object.keys({ ...declared.sets, ...adds }), ...signs, ...needs_all]
  const { takes_over, gives_to, gate, undo } = declared
  if (more.length || takes_over || gives_to || gate || !undo) return true
  return !late.every(path => path.includes("."))
}

// Whether an answer is this person's alone: others may have said the same of a key.
const isOwn = ([, by, , also = NONE], person) =>
  [by, ...also.map(one => one[1])].every(one => one === person)

// Returns `over` for an act with this data: the values that its author saw and would replace. `seen` is
// the last act that was on the screen; what came after it was not seen. An answer of a map stands under
// its path. What makes a record answers with what it sets, too: give it as data.
export function over(record, data, seen) {
  const replaced = {}
  const said = Object.entries(data).flatMap(([name, value]) => {
    const keys = isObject(value) ? Object.keys(value) : NONE
    return [[name, value], ...keys.map(key => [`${name}.${key}`, value[key]])]
  })
  for (const [path, value] of said) {
    const current = read(record, path)
    const setter = get(record.setters, path)
    if (current === null || setter === null || same(current, value)) continue
    if (!isLater(record, setter[0], seen)) replaced[path] = current
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
