// Taking back: an act that waits for a decision is withdrawn, one that took effect is reversed.
// Twin of sync/undo.py, function by function. Cases: those of tests/vectors/fold.json.

import { get, held, put, putKeys } from "./guards.js"
import * as maps from "./maps.js"
import { parted } from "./field_kinds.js"
import { same } from "./selector.js"

// An act that waits for a decision is withdrawn, one that took effect reversed; both, if in part. Keys of
// maps remember for themselves what was there: they go back whatever the act's age.
export function takeBack(declarations, record, act, { decided }) {
  const target = act.data.undoes
  const question = record.unsettled.find(open => open.act === target)
  const entry = record.acts.recent.find(past => past.id === target)
  if (entry?.undone) return { repeat: [] }
  const kind = get(declarations.records, record.type)
  const keys = kind !== null && maps.mapsOf(kind).length ? maps.answeredBy(record, target) : {}
  const theirs = (question ?? entry)?.by ?? Object.values(keys)[0]
  if (theirs === undefined) return { reason: "cannot_undo" }
  if (theirs !== act.by && !decided) return { reason: "not_yours" }
  let reason = stays(declarations, record, target, keys)
  if (reason === null && entry && "was" in entry) {
    reason = reverse(declarations, record, entry, act, { decided })
  } else if (!entry || !("repeat" in entry)) {
    const isKnown = question !== undefined || Object.keys(keys).length > 0
    reason ??= forgotten(record, target, isKnown)
  }
  if (reason !== null) return { reason }
  if (question !== undefined) {
    record.unsettled = record.unsettled.filter(open => open.act !== target)
  }
  if (record.state !== "undone") {
    const back = Object.keys(keys).map(path => [path, maps.takenBack(record, path, target)])
    putKeys(declarations, record, back, act._id, act.by)
  }
  record.acts.recent = record.acts.recent.map(past =>
    past.id === target ? { ...past, undone: true } : past,
  )
  return {}
}

// Why the keys that an act answered may not be taken back.
function stays(declarations, record, target, keys) {
  const paths = Object.keys(keys)
  if (!paths.every(path => maps.mayBeTakenBack(record, path, target))) return "cannot_undo"
  const names = paths.length ? held(declarations, record) : []
  const isHeld = path =>
    names.includes(parted(path)[0]) &&
    !same(maps.takenBack(record, path, target)[0], maps.read(record, path))
  return paths.some(isHeld) ? "held" : null
}

// Why an act is too old to be taken back: it said a field, of which nobody knows what was there before.
function forgotten({ setters }, target, isKnown) {
  const saidMore = Object.keys(setters).some(
    path => !path.includes(".") && setters[path][0] === target,
  )
  return saidMore || !isKnown ? "cannot_undo" : null
}

function reverse(declarations, record, entry, act, { decided }) {
  if (!undoable(declarations, entry)) return "cannot_undo"
  const { recent } = record.acts
  const names = Object.keys(entry.was)
  if (madeIt(declarations, record, entry)) {
    const reason = workLost(declarations, record, act.by, { decided })
    if (reason !== null) return reason
    if (!names.length) {
      // There is nothing to go back to.
      put(declarations, record, "state", "undone", act._id, act.by)
      return null
    }
  }
  const reason = standsFirm(declarations, record, entry)
  if (reason !== null) return reason
  const later = names.some(name => get(record.setters, name)?.[0] !== entry.id)
  if (later && !decided) return "changed_meanwhile"
  const heirs = {}
  for (const name of names) {
    const heir = later ? undefined : heirOf(recent, entry, name)
    if (heir === undefined) put(declarations, record, name, entry.was[name], act._id, act.by)
    else {
      const byHeir = heldBy(declarations, record, heir, name)
      put(declarations, record, name, byHeir, heir.id, heir.by)
      heirs[heir.id] = { ...heirs[heir.id], [name]: entry.was[name] }
    }
  }
  record.acts.recent = recent.map(past =>
    past.id in heirs ? { ...past, was: { ...past.was, ...heirs[past.id] } } : past,
  )
  return null
}

// Whether the record would be gone without this act: nobody else made it as well.
function madeIt(declarations, record, entry) {
  if (entry.id !== record.acts.first || record.state === "unknown") return false
  const heir = heirOf(record.acts.recent, entry, "state")
  return heir === undefined || !get(declarations.acts, heir.act)?.creates
}

// Why a record may not be taken back as a whole: others' work would go with it.
function workLost(declarations, record, by, { decided }) {
  const others = record.acts.recent.filter(past => past.by !== by && !past.undone && "was" in past)
  const isGate = past => get(declarations.acts, past.act)?.gate ?? false
  if (held(declarations, record).length || others.some(isGate)) return "cannot_undo"
  if (decided) return null
  if (others.some(past => isFirm(declarations, past))) return "cannot_undo"
  return others.some(past => undoable(declarations, past)) ? "changed_meanwhile" : null
}

// Why an act's values may not be put back: a gate holds them, or said them itself.
function standsFirm(declarations, record, entry) {
  const { opened = [] } = declarations.records[record.type]
  if (!opened.length) return null
  const { was } = entry
  const back = Object.keys(was).filter(name => !same(get(record, name), was[name]))
  if (held(declarations, record).some(name => back.includes(name))) return "held"
  // What a gate rested on may have changed: it is said again.
  return back.some(name => opened.includes(name) && was[name] !== null) ? "cannot_undo" : null
}

// The first later act that said the same of a field and is still meant.
function heirOf(recent, entry, name) {
  const since = recent.findIndex(past => past.id === entry.id) + 1
  return recent.slice(since).find(past => past.repeat?.includes(name) && !past.undone)
}

// What holds by the heir's word: a stamp is of its own moment and person.
function heldBy(declarations, record, heir, name) {
  const { stamps, signs } = get(declarations.acts, heir.act) ?? { stamps: [], signs: [] }
  if (stamps.includes(name)) return heir.at
  return signs.includes(name) ? heir.by : get(record, name)
}

function undoable(declarations, entry) {
  return get(declarations.acts, entry.act)?.undo ?? true
}

// Whether an act has no undo and did more than count, as a look at something private.
function isFirm(declarations, entry) {
  const declared = get(declarations.acts, entry.act)
  if (declared === null || declared.undo) return false
  return Object.keys(entry.was).some(name => !Object.hasOwn(declared.adds, name))
}
