// Folds acts (immutable events about one record) into the record: a left fold in one total order, so
// that the tablet and the server compute the same record from the same acts, however they arrived.
// Twin of sync/fold.py, function by function. Cases: tests/vectors/fold.json.

import { ENGINE, RECENT, UNDOABLE } from "./check_act.js"
import * as guards from "./guards.js"
import * as maps from "./maps.js"
import { parted } from "./field_kinds.js"
import { filled } from "./copies.js"
import { get, put } from "./guards.js"
import { mayBeMerged, merge, merged } from "./merging.js"
import { same } from "./selector.js"
import * as rungs from "./rungs.js"
import * as statements from "./statements.js"
import { takeBack } from "./undo.js"

// Returns the sort key of an act in its record's history, [0 or 1, ms, id]: what creates it comes first,
// and so does what the clock makes for a rule: a duty may be done before its moment.
export function order(declarations, act) {
  const declared = get(declarations.acts, act.act)
  const creates =
    declared !== null && declared.creates && (!declared.again || statements.isId(act._id))
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
  return inOrder(declarations, acts).reduce((record, act) => apply(declarations, record, act), null)
}

// Returns the acts of one record that count, in their one order, for `apply` one by one.
export function inOrder(declarations, acts) {
  return [...statements.counting(acts)].sort((one, other) =>
    before(declarations, one, other) ? -1 : Number(before(declarations, other, one)),
  )
}

// Returns a new record with the act added, `record` being null before the first. Total: an act that
// does not fit is no error but an open question in `unsettled`, which the office decides.
// The reasons are unknown_act, no_record, already_exists, not_now (the guard does not hold),
// changed_meanwhile (somebody else changed the field unseen, or what it rests on), changed_in_part (so with
// some keys of maps: the rest stands), held (a gate rests on it), not_named (the record names who may say
// this, and who may not), incomplete (it lacks what the record requires), cannot_undo, not_yours. An act of
// the server's own that does not fit is void: it is in the history, and asked of nobody.
export function apply(declarations, record, act) {
  const [kind, verb] = act.act.split(".")
  let made = record === null ? shell(kind, act) : copy(record)
  // {reason} or {void} or {repeat} or {was} or nothing; in part: {was, reason, data}
  let outcome
  if ("stated" in made && statements.begins(declarations, made, act)) {
    ;[made, outcome] = begun(declarations, made, act, verb)
  } else outcome = outcomeOf(declarations, made, act, verb)
  const { reason, ...others } = outcome
  if (reason && act.by.startsWith(guards.SYSTEM)) outcome = { ...others, void: reason }
  if ("reason" in outcome) made.unsettled = [...made.unsettled, openQuestion(act, outcome)]
  if ("erased" in act) made.erased = true // what somebody told of themselves is gone from it
  remember(made, act, outcome)
  entitle(get(declarations.records, kind), made)
  return made
}

function outcomeOf(declarations, record, act, verb) {
  if (statements.isSaid(act)) return statements.stated(declarations, record, act, declaredAct)
  const takesEffect = ENGINE.includes(verb) ? ENGINES[verb] : declaredAct
  return takesEffect(declarations, record, act)
}

// Adds an act that begins what a rule made: it is judged by what its author saw of it.
function begun(declarations, record, act, verb) {
  const seen = copy(record)
  statements.see(declarations, seen, act)
  const outcome = outcomeOf(declarations, seen, act, verb)
  if ("reason" in outcome || "repeat" in outcome) {
    return [record, outcomeOf(declarations, record, act, verb)]
  }
  statements.begin(declarations, seen, act)
  return [seen, { ...outcome, begun: true }]
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

function openQuestion(act, { reason, data = act.data }) {
  const { _id, act: name, by, at, device } = act
  return { act: _id, name, by, at, device, reason, data }
}

function remember(record, act, { was, repeat, reason, void: unfit, begun: did }) {
  const entry = { id: act._id, act: act.act, by: act.by, at: act.at }
  if (was !== undefined) entry.was = was
  if (repeat !== undefined) entry.repeat = repeat
  if (reason !== undefined) entry.unsettled = reason
  if (unfit !== undefined) entry.void = unfit
  if (did !== undefined) entry.begun = did
  const { acts } = record
  const recent = [...acts.recent, entry].slice(-RECENT)
  acts.recent = [...recent.slice(0, -UNDOABLE).map(withoutWas), ...recent.slice(-UNDOABLE)]
  acts.n += 1
  // Whoever acts on what nobody began says by it which statement was on the screen.
  const making = "begun" in (record.stated ?? {}) ? [] : statements.making(record)
  acts.last = making.length ? making.at(-1).id : act._id
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
  if (!guards.maySay(declared, exists ? record : act.data, act.by)) return { reason: "not_named" }
  const said = guards.said(declarations.records[record.type], declared, record, act.data)
  if (!exists) return { was: takeEffect(declarations, declared, record, act, said) }
  if (saysWhatHolds(declared, record, act, said)) {
    guards.answerKeys(declarations, declared, record, act, said)
    return { repeat: namesSaid(declarations, declared, record, said) }
  }
  const reason = guards.refused(declarations, declared, record, act)
  if (reason !== null) return { reason }
  const late = guards.changedMeanwhile(record, act, answers(declared, said))
  if (!late.length) return { was: takeEffect(declarations, declared, record, act, said) }
  const stands = Object.entries(said).filter(([path]) => !late.includes(path))
  if (!stands.length || guards.isWhole(declared, late)) return { reason: "changed_meanwhile" }
  const was = takeEffect(declarations, declared, record, act, Object.fromEntries(stands))
  const data = maps.nested(Object.fromEntries(late.map(path => [path, said[path]])))
  return { was, reason: "changed_in_part", data }
}

function saysWhatHolds(declared, record, act, said) {
  if (Object.keys(declared.adds).length) return false
  if (declared.takes_over && record.owner !== act.by) return false
  const told = [...Object.entries(guards.sets(declared, record, said)), ...answers(declared, said)]
  if (!told.length && !declared.stamps.length) return false
  return (
    told.every(([path, value]) => same(maps.read(record, path), value)) &&
    declared.stamps.every(name => Object.hasOwn(record, name)) &&
    guards.stands(declared, record, act.data)
  )
}

// What an act answers: what was entered, and who is to be the owner. What may have made the record answers
// with all that it sets: it may be the second to say so.
function answers(declared, said) {
  const entered = Object.entries(said)
  if (declared.gives_to) return [...entered, ["owner", get(said, declared.gives_to)]]
  return declared.creates ? [...Object.entries(declared.sets), ...entered] : entered
}

function namesSaid(declarations, declared, record, said) {
  const names = [
    ...Object.keys(declared.sets),
    ...declared.stamps,
    ...declared.signs,
    ...Object.keys(said).filter(path => !path.includes(".")),
  ]
  if (!declared.creates) return names
  // Had it come first, it would have made the record.
  const start = declarations.records[record.type].starts_as
  return [...names, ...Object.keys({ state: 0, ...start, owner: 0 })]
}

// Sets what the act sets; returns what was there before, null for nothing. Keys of maps remember for
// themselves what was there.
function takeEffect(declarations, declared, record, act, said, { decided = false } = {}) {
  const effect = {}
  const born = record.state === "unknown"
  if (born) {
    Object.assign(effect, { state: "open" }, declarations.records[record.type].starts_as)
    record.opened_at = act.at
    record.acts.first = act._id
  }
  Object.assign(effect, guards.sets(declared, record, said))
  for (const name of declared.stamps) {
    if (decided || !Object.hasOwn(record, name)) effect[name] = act.at
  }
  for (const name of declared.signs) {
    if (decided || !Object.hasOwn(record, name)) effect[name] = act.by
  }
  for (const [name, count] of Object.entries(declared.adds)) {
    effect[name] = (get(record, name) ?? 0) + count
  }
  for (const path of Object.keys(said)) if (!path.includes(".")) effect[path] = said[path]
  if (declared.takes_over || (born && owns(declarations, record, act))) effect.owner = act.by
  if (declared.gives_to) effect.owner = get(said, declared.gives_to)
  const was = {}
  if (!born || declared.again) for (const name of Object.keys(effect)) was[name] = get(record, name)
  for (const [name, value] of Object.entries(effect)) {
    put(declarations, record, name, value, act._id, act.by)
  }
  guards.answerKeys(declarations, declared, record, act, said)
  return was
}

// Whether whoever makes a record is its owner: an owner named in the data wins, and where the data may
// name one, what the server makes for nobody is nobody's.
function owns(declarations, record, act) {
  if (!declarations.records[record.type].names_owner) return true
  return get(act.data, "owner") === null && !act.by.startsWith(guards.SYSTEM)
}

// Acts that every record knows

function undone(declarations, record, act) {
  const outcome = takeBack(declarations, record, act, { decided: false })
  if (!Object.keys(outcome).length) statements.giveBack(declarations, record, act)
  return outcome
}

function decided(declarations, record, act) {
  const { about, choice } = act.data
  const question = record.unsettled.find(open => open.act === about)
  if (question === undefined) return { repeat: [] }
  const keep = choice === "keep"
  if (!keep && !mayBeAccepted(declarations, record, question)) return { repeat: [] }
  record.unsettled = record.unsettled.filter(open => open.act !== about)
  if (keep) return {}
  if (statements.isId(question.act) && statements.making(record).length) {
    return { was: statements.answer(declarations, record, act, question) }
  }
  const meant = { ...act, at: question.at, by: question.by, data: question.data }
  const verb = question.name.split(".")[1]
  if (verb === "edited") return { was: edit(declarations, record, meant) }
  if (verb === "merged") return { was: merge(declarations, record, meant) }
  if (verb === "undone") {
    // What is too old to be undone stays as it is.
    takeBack(declarations, record, meant, { decided: true })
    return {}
  }
  const declared = get(declarations.acts, question.name)
  if (declared === null) return {}
  const said = guards.said(declarations.records[record.type], declared, record, question.data)
  if (question.reason === "changed_in_part") {
    // The rest of it stands already.
    guards.answerKeys(declarations, declared, record, meant, said)
    return { was: {} }
  }
  const was = takeEffect(declarations, declared, record, meant, said, { decided: true })
  // To undo the decision would be to undo the act.
  return declared.undo ? { was } : {}
}

// A decision makes no record, opens no gate, and changes nothing that a gate holds: else the question
// waits.
function mayBeAccepted(declarations, record, question) {
  const exists = record.state !== "unknown"
  const verb = question.name.split(".")[1]
  if (verb === "merged") return mayBeMerged(declarations, record)
  if (verb === "edited") {
    const [name] = parted(question.data.field)
    return exists && !guards.held(declarations, record).includes(name)
  }
  const declared = get(declarations.acts, question.name)
  if (declared === null) return true
  if (!exists) return declared.creates
  if (declared.gate) {
    const itsOwn = guards.maySay(declared, record, question.by)
    return itsOwn && guards.refused(declarations, declared, record, question) === null
  }
  return !guards.touchesHeld(declarations, declared, record, question, { decided: true })
}

function edited(declarations, record, act) {
  if (record.state === "unknown") return { reason: "no_record" }
  const { field, new: value, old = null } = act.data
  const current = maps.read(record, field)
  if (same(current, value)) return { repeat: [field] }
  if (guards.held(declarations, record).includes(parted(field)[0])) return { reason: "held" }
  if (!same(current, old) && get(record.setters, field)?.[1] !== act.by) {
    return { reason: "changed_meanwhile" }
  }
  return { was: edit(declarations, record, act) }
}

// Corrects a field or a key of a map; returns what was there, of a key nothing: it remembers.
function edit(declarations, record, act) {
  const { field: path, new: value } = act.data
  if (path.includes(".")) {
    guards.answerKeys(declarations, { undo: true }, record, act, { [path]: value })
    return {}
  }
  const was = { [path]: get(record, path) }
  put(declarations, record, path, value, act._id, act.by)
  return was
}

const ENGINES = {
  undone,
  decided,
  edited,
  rung_reached: rungs.reached,
  rung_annulled: rungs.annulled,
  filled,
  merged,
}
