// Folds acts (immutable events about one record) into the record: a left fold in one total order, so
// that the tablet and the server compute the same record from the same acts, however they arrived.
// Twin of sync/fold.py, function by function. Cases: tests/vectors/fold.json.

import { ENGINE, RECENT, UNDOABLE } from "./check_act.js"
import { matches, same } from "./selector.js"

const OWN = ["_id", "_rev", "type", "rungs", "unsettled", "setters", "acts"]

// Returns the sort key of an act in its record's history, [0 or 1, ms, id]: what creates it comes first.
export function order(declarations, act) {
  const declared = get(declarations.acts, act.act)
  const creates = declared !== null && declared.creates && !declared.again
  return [creates ? 0 : 1, act.at, act._id]
}

// Says whether one act comes before another of the same record.
export function before(declarations, one, other) {
  const [left, right] = [order(declarations, one), order(declarations, other)]
  const differs = left.findIndex((part, index) => part !== right[index])
  return left[differs] < right[differs]
}

// Returns the record that these acts of one record add up to; null when there are none.
export function fold(declarations, acts) {
  const inOrder = [...acts].sort((one, other) =>
    before(declarations, one, other) ? -1 : Number(before(declarations, other, one)),
  )
  return inOrder.reduce((record, act) => apply(declarations, record, act), null)
}

// Returns a new record with the act added, `record` being null before the first. Total: an act that
// does not fit is no error but an open question in `unsettled`, which the office decides.
// The reasons are unknown_act, no_record, already_exists, not_now (the guard does not hold),
// changed_meanwhile (somebody else changed the field after `seen`), cannot_undo, not_yours.
export function apply(declarations, record, act) {
  const [kind, verb] = act.act.split(".")
  const made = record === null ? shell(kind, act) : copy(record)
  const takesEffect = ENGINE.includes(verb) ? ENGINES[verb] : declaredAct
  const outcome = takesEffect(declarations, made, act) // {reason} or {repeat} or {was} or nothing
  if ("reason" in outcome) made.unsettled = [...made.unsettled, openQuestion(act, outcome.reason)]
  remember(made, act, outcome)
  entitle(get(declarations.records, kind), made)
  return made
}

function copy(record) {
  const made = { ...record, setters: { ...record.setters }, acts: { ...record.acts } }
  delete made._rev
  return made
}

function shell(kind, act) {
  return {
    _id: act.record,
    type: kind,
    state: "unknown",
    opened_at: act.at,
    title: "",
    rungs: {},
    unsettled: [],
    setters: {},
    acts: { n: 0, first: null, last: null, recent: [] },
  }
}

function openQuestion(act, reason) {
  const { _id, act: name, by, at, device, data } = act
  return { act: _id, name, by, at, device, reason, data }
}

function remember(record, act, { was, repeat, reason }) {
  const entry = { id: act._id, act: act.act, by: act.by, at: act.at }
  if (was !== undefined) entry.was = was
  if (repeat !== undefined) entry.repeat = repeat
  if (reason !== undefined) entry.unsettled = reason
  const { acts } = record
  const recent = [...acts.recent, entry].slice(-RECENT)
  acts.recent = [...recent.slice(0, -UNDOABLE).map(withoutWas), ...recent.slice(-UNDOABLE)]
  acts.n += 1
  acts.last = act._id
}

function withoutWas(entry) {
  const rest = { ...entry }
  delete rest.was
  delete rest.repeat
  return rest
}

function entitle(kind, record) {
  const named = kind === null ? undefined : kind.title.find(name => get(record, name))
  record.title = named === undefined ? "" : record[named]
}

// Acts that features declare

function declaredAct(declarations, record, act) {
  const declared = get(declarations.acts, act.act)
  if (declared === null) return { reason: "unknown_act" }
  const exists = record.state !== "unknown"
  if (declared.creates && exists && !declared.again) return { reason: "already_exists" }
  if (!declared.creates && !exists) return { reason: "no_record" }
  if (exists) {
    if (saysWhatHolds(declared, record, act)) {
      return { repeat: namesSaid(declarations, declared, record, act) }
    }
    if (declared.when !== null && !matches(declared.when, record)) return { reason: "not_now" }
    if (changedMeanwhile(record, act)) return { reason: "changed_meanwhile" }
  }
  return { was: takeEffect(declarations, declared, record, act) }
}

function saysWhatHolds(declared, record, act) {
  if (Object.keys(declared.adds).length) return false
  if (declared.takes_over && record.owner !== act.by) return false
  const told = [...Object.entries(declared.sets), ...Object.entries(act.data)]
  if (!told.length && !declared.stamps.length) return false
  return (
    told.every(([name, value]) => same(get(record, name), value)) &&
    declared.stamps.every(name => Object.hasOwn(record, name))
  )
}

function namesSaid(declarations, declared, record, act) {
  const names = [
    ...Object.keys(declared.sets),
    ...declared.stamps,
    ...declared.signs,
    ...Object.keys(act.data),
  ]
  if (!declared.creates) return names
  // Had it come first, it would have made the record.
  const start = declarations.records[record.type].starts_as
  return [...names, ...Object.keys({ state: 0, ...start, owner: 0 })]
}

function changedMeanwhile(record, act) {
  const recent = record.acts.recent.map(entry => entry.id)
  return Object.entries(act.data).some(([name, value]) => {
    const setter = get(record.setters, name)
    if (setter === null || setter[1] === act.by || same(get(record, name), value)) return false
    return isLater(setter[0], act.seen ?? null, recent)
  })
}

// An act's id is as old as the form it was entered in, so the place in the history comes first.
function isLater(setter, seen, recent) {
  if (seen === null) return true
  if (recent.includes(seen) && recent.includes(setter)) {
    return recent.indexOf(setter) > recent.indexOf(seen)
  }
  return setter > seen
}

// Sets what the act sets; returns what was there before, null for nothing.
function takeEffect(declarations, declared, record, act, { decided = false } = {}) {
  const effect = {}
  const born = record.state === "unknown"
  if (born) {
    Object.assign(effect, { state: "open" }, declarations.records[record.type].starts_as)
    record.opened_at = act.at
    record.acts.first = act._id
  }
  Object.assign(effect, declared.sets)
  for (const name of declared.stamps) {
    if (decided || !Object.hasOwn(record, name)) effect[name] = act.at
  }
  for (const name of declared.signs) {
    if (decided || !Object.hasOwn(record, name)) effect[name] = act.by
  }
  for (const [name, count] of Object.entries(declared.adds)) {
    effect[name] = (get(record, name) ?? 0) + count
  }
  Object.assign(effect, act.data)
  if (born || declared.takes_over) effect.owner = act.by
  const was = {}
  if (!born || declared.again) for (const name of Object.keys(effect)) was[name] = get(record, name)
  for (const [name, value] of Object.entries(effect)) set(record, name, value, act._id, act.by)
  return was
}

function set(record, name, value, act, by) {
  if (OWN.includes(name)) return
  if (value === null) delete record[name]
  else record[name] = value
  record.setters[name] = [act, by]
}

function get(object, name) {
  return Object.hasOwn(object, name) ? object[name] : null
}

// Acts that every record knows

function undone(declarations, record, act) {
  return takeBack(declarations, record, act, { decided: false })
}

// An act that waits for a decision is withdrawn; one that took effect is reversed.
function takeBack(declarations, record, act, { decided }) {
  const target = act.data.undoes
  const question = record.unsettled.find(open => open.act === target)
  const entry = record.acts.recent.find(past => past.id === target)
  const theirs = question ?? entry
  if (theirs === undefined) return { reason: "cannot_undo" }
  if (entry?.undone) return { repeat: [] }
  if (theirs.by !== act.by && !decided) return { reason: "not_yours" }
  if (question !== undefined) {
    record.unsettled = record.unsettled.filter(open => open.act !== target)
  } else if ("was" in entry) {
    const reason = reverse(declarations, record, entry, act, { decided })
    if (reason !== null) return { reason }
  } else if (!("repeat" in entry)) return { reason: "cannot_undo" }
  record.acts.recent = record.acts.recent.map(past =>
    past.id === target ? { ...past, undone: true } : past,
  )
  return {}
}

function reverse(declarations, record, entry, act, { decided }) {
  if (!undoable(declarations, entry)) return "cannot_undo"
  const { recent } = record.acts
  if (entry.id === record.acts.first && !Object.keys(entry.was).length) {
    // It made the record: there is nothing to go back to, and nobody else's work to lose.
    const others = recent.filter(past => past.by !== act.by && !past.undone)
    if (!decided && others.some(past => "was" in past && undoable(declarations, past))) {
      return "changed_meanwhile"
    }
    set(record, "state", "undone", act._id, act.by)
    return null
  }
  const names = Object.keys(entry.was)
  const later = names.some(name => get(record.setters, name)?.[0] !== entry.id)
  if (later && !decided) return "changed_meanwhile"
  const heirs = {}
  for (const name of names) {
    const heir = later ? undefined : heirOf(recent, entry, name)
    if (heir === undefined) set(record, name, entry.was[name], act._id, act.by)
    else {
      set(record, name, heldBy(declarations, record, heir, name), heir.id, heir.by)
      heirs[heir.id] = { ...heirs[heir.id], [name]: entry.was[name] }
    }
  }
  record.acts.recent = recent.map(past =>
    past.id in heirs ? { ...past, was: { ...past.was, ...heirs[past.id] } } : past,
  )
  return null
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

function decided(declarations, record, act) {
  const { about, choice } = act.data
  const question = record.unsettled.find(open => open.act === about)
  if (question === undefined) return { repeat: [] }
  // A decision makes no record: the question waits for what does.
  const waits = question.reason === "no_record" && record.state === "unknown"
  if (waits && choice !== "keep") return { repeat: [] }
  record.unsettled = record.unsettled.filter(open => open.act !== about)
  if (choice === "keep") return {}
  const meant = { ...act, at: question.at, by: question.by, data: question.data }
  const verb = question.name.split(".")[1]
  if (verb === "edited") {
    const { field } = question.data
    const was = { [field]: get(record, field) }
    set(record, field, question.data.new, act._id, question.by)
    return { was }
  }
  if (verb === "undone") {
    // What is too old to be undone stays as it is.
    takeBack(declarations, record, meant, { decided: true })
    return {}
  }
  const declared = get(declarations.acts, question.name)
  if (declared === null) return {}
  return { was: takeEffect(declarations, declared, record, meant, { decided: true }) }
}

function edited(declarations, record, act) {
  if (record.state === "unknown") return { reason: "no_record" }
  const { field, new: value, old = null } = act.data
  const current = get(record, field)
  if (same(current, value)) return { repeat: [field] }
  if (!same(current, old) && get(record.setters, field)?.[1] !== act.by) {
    return { reason: "changed_meanwhile" }
  }
  set(record, field, value, act._id, act.by)
  return { was: { [field]: current } }
}

function rungReached(declarations, record, act) {
  const { ladder, ...reached } = act.data
  const climbed = get(record.rungs, ladder) ?? []
  const sameRung = step => step.rung === reached.rung && step.due_at === reached.due_at
  if (climbed.some(step => sameRung(step) && !("annulled_at" in step))) return { repeat: [] }
  const step = { at: act.at }
  for (const key of Object.keys(reached).sort()) step[key] = reached[key]
  record.rungs = { ...record.rungs, [ladder]: [...climbed, step] }
  return {}
}

function rungAnnulled(declarations, record, act) {
  const { ladder, rung, act: proof = null } = act.data
  const climbed = get(record.rungs, ladder) ?? []
  const stands = step => step.rung === rung && !("annulled_at" in step)
  if (!climbed.some(stands)) return { repeat: [] }
  const mended = climbed.map(step =>
    stands(step) ? { ...step, annulled_at: act.at, annulled_by: proof } : step,
  )
  record.rungs = { ...record.rungs, [ladder]: mended }
  return {}
}

const ENGINES = {
  undone,
  decided,
  edited,
  rung_reached: rungReached,
  rung_annulled: rungAnnulled,
}
