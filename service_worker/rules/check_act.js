// Validates one act against the declarations, without asking what its record holds: the form's own
// check on the tablet, repeated by the server. Twin of sync/check_act.py, function by function.
// Cases: tests/vectors/check_act.json.

import { ACT_ID, ENVELOPE, isStatement, keyId, RECORD_ID, STATEMENT } from "./act.js"
import { CHECKS, MAPS, isKey, isNumber, isObject, isText, lengthOf, parted } from "./field_kinds.js"
import { matches } from "./selector.js"
import { isBlank } from "./text_folding.js"

export const RECENT = 20 // acts that a record itself remembers; the whole history is on the server
export const UNDOABLE = 5 // of these, how many remember what was there before
export const ENGINE = [
  ...["undone", "decided", "edited", "rung_reached", "rung_annulled", "filled", "merged"],
]
const CHOICES = { decided: ["accept", "keep"] }
const MOST_TOLD = 500 // people and rungs that an act of the clock may name
const keptFields = new WeakMap()

// Returns the fields that making a record requires, or sets: no act empties them.
export function kept(declarations, kind) {
  const record = declarations.records[kind]
  if (!keptFields.has(record)) {
    const making = Object.entries(declarations.acts)
      .filter(([name, act]) => act.creates && name.split(".")[0] === kind)
      .map(([, act]) => act)
    const needed = making.flatMap(act => act.needs)
    keptFields.set(record, new Set([...Object.keys(record.starts_as), ...needed]))
  }
  return keptFields.get(record)
}

// Says whether a value says nothing: none, an empty one, or letters that show nothing.
export function isEmpty(value) {
  if (typeof value === "string") return isBlank(value)
  if (value === null || value === undefined) return true
  return typeof value === "object" && Object.values(value).every(isEmpty)
}

// Checking

// Returns {where: problem code} for an act as it was made; empty when it is well formed.
// Whether it fits its record, and whether this person may do it, is asked elsewhere.
export function check(declarations, act) {
  const problems = envelope(act)
  if (Object.keys(problems).length) return problems
  const [kind, verb] = act.act.split(".")
  const record = own(declarations.records, kind)
  if (record === undefined) return { act: "unknown_act" }
  if (!act.record.startsWith(kind + ":")) return { record: "wrong_type" }
  const { over = {} } = act
  if (ENGINE.includes(verb)) {
    const wrong = engineProblems(declarations, kind, verb, act)
    if (Object.keys(wrong).length) return wrong
    return Object.fromEntries(Object.keys(over).map(name => [name, "not_asked"]))
  }
  const declared = own(declarations.acts, act.act)
  if (declared === undefined) return { act: "unknown_act" }
  const wrong = dataProblems(declarations, kind, declared, act)
  if (Object.keys(wrong).length) return wrong
  const itself = ownProblems(record, act)
  return Object.keys(itself).length ? itself : overProblems(record, declared, over, act.data)
}

function envelope(act) {
  const texts = ["_id", "act", "record", "by", "device", "site"]
  // Entries, since a problem may be about a thing called "__proto__".
  const problems = texts
    .filter(name => !isText(own(act, name)) || lengthOf(act[name]) > 200)
    .map(name => [name, "not_text"])
  if (problems.length) return Object.fromEntries(problems)
  const { seen, over = {}, text = "" } = act
  for (const [name, good, code] of [
    ["_id", ACT_ID.test(act._id), "not_an_id"],
    ["record", RECORD_ID.test(act.record), "not_an_id"],
    ["act", /^[a-z_]+\.[a-z_]+$/.test(act.act), "unknown_act"],
    ["at", CHECKS.moment({}, act.at) === null, "not_a_moment"],
    ["seen", seen == null || (typeof seen === "string" && ACT_ID.test(seen)), "not_an_id"],
    ["over", isObject(over), "not_an_object"],
    ["data", isObject(act.data), "not_an_object"],
    ["for", isSaidAsItShould(act), "not_asked"],
    ["text", CHECKS.text({ max: 10_000 }, text) === null, "too_long"],
  ]) {
    if (!good) problems.push([name, code])
  }
  for (const name of Object.keys(act)) {
    if (![...ENVELOPE, "for", "_rev", "_revisions"].includes(name)) {
      problems.push([name, "not_asked"])
    }
  }
  return Object.fromEntries(problems)
}

// Whether a statement is one, and nothing else claims to be.
function isSaidAsItShould(act) {
  return "for" in act ? isStatement(act) : !act._id.startsWith(STATEMENT)
}

const WANTED = {
  undone: { undoes: isId },
  decided: { about: isId, choice: isName },
  edited: { field: isName, new: () => true },
  rung_reached: { ladder: isName, rung: isNumber, due_at: isNumber },
  rung_annulled: { ladder: isName, rung: isNumber },
  merged: { into: value => CHECKS.link({}, value) === null },
}
const MAY_SAY = {
  undone: { reason: isReason },
  decided: { reason: isReason },
  edited: { old: () => true, reason: isReason },
  rung_reached: {
    late_by: isNumber,
    since: isNumber,
    said: value => areAll(value, isName),
    told: value => areAll(value, isName),
    skipped: value => areAll(value, isNumber),
    unfilled: value => areAll(value, isName),
    passed: value => typeof value === "boolean",
  },
  rung_annulled: { act: isId },
  merged: { reason: isReason },
}

function engineProblems(declarations, kind, verb, { data, record }) {
  const problems = []
  if (verb === "filled") {
    const fields = declarations.records[kind].fields.filter(field => field.takes?.length)
    for (const [name, value] of Object.entries(data)) {
      const field = fields.find(one => one.name === name)
      const code = field ? CHECKS[field.kind](field, value) : "not_asked"
      if (code) problems.push([name, code])
    }
    return Object.fromEntries(problems)
  }
  for (const name of Object.keys(WANTED[verb])) {
    if (!Object.hasOwn(data, name)) problems.push([name, "required"])
  }
  for (const [name, value] of Object.entries(data)) {
    const fits = own(WANTED[verb], name) ?? own(MAY_SAY[verb], name)
    if (fits === undefined) problems.push([name, "not_asked"])
    else if (!fits(value)) problems.push([name, "not_understood"])
  }
  if (problems.length) return Object.fromEntries(problems)
  if (verb === "decided" && !CHOICES.decided.includes(data.choice)) {
    return { choice: "not_a_choice" }
  }
  if (verb === "merged") {
    const isOther = data.into !== record && data.into.startsWith(kind + ":")
    return isOther ? {} : { into: "wrong_type" }
  }
  return verb === "edited" ? editProblems(declarations, kind, data) : {}
}

function editProblems(declarations, kind, { field: path, new: value, old = null }) {
  const [name, key] = parted(path)
  const field = declarations.records[kind].fields.find(one => one.name === name)
  if (!field?.editable || MAPS.includes(field.kind) !== Boolean(key)) {
    return { field: "not_editable" }
  }
  if (key) {
    const code = CHECKS[field.kind](field, { [key]: value }) ?? heldProblem(field, { [key]: old })
    return code ? { new: code } : {}
  }
  if (isEmpty(value) && (field.required || kept(declarations, kind).has(name))) {
    return { new: "required" }
  }
  const code = value === null ? null : CHECKS[field.kind](field, value)
  if (code) return { new: code }
  const other = old === null ? null : heldProblem(field, old)
  return other ? { old: other } : {}
}

// What is wrong with a value that a record is said to hold: it has the right form and size; what may be
// chosen or entered may have changed since.
function heldProblem(field, value) {
  const code = CHECKS[field.kind](field, value)
  if (code === "too_small" || code === "too_big") return null
  if (["not_a_choice", "not_a_phone", "not_an_id"].includes(code)) {
    let listed = field.kind === "choices" ? value : [value]
    if (MAPS.includes(field.kind)) listed = Object.values(value).filter(item => item !== null)
    return listed.every(isName) ? null : code
  }
  return code
}

function dataProblems(declarations, kind, declared, { data, record: id }) {
  const record = declarations.records[kind]
  const problems = new Map()
  const fields = Object.fromEntries(record.fields.map(field => [field.name, field]))
  for (const [name, value] of Object.entries(data)) {
    if (!declared.asks.includes(name) && !declared.rests_on?.includes(name)) {
      problems.set(name, "not_asked")
    } else if (value !== null) {
      const code = CHECKS[fields[name].kind](fields[name], value)
      if (code) problems.set(name, code)
    }
  }
  for (const name of declared.asks) {
    const value = own(data, name) ?? null
    if (problems.has(name) || !(value === false || isEmpty(value))) continue
    let needed = declared.needs.includes(name)
    if (value !== false && !needed) {
      const { required, kind: sort } = fields[name]
      const isMap = MAPS.includes(sort) // whose keys are emptied one by one
      // Of a record that exists the fold asks it.
      needed = isObject(required) ? declared.creates && matches(required, data) : required
      needed ||= !isMap && Object.hasOwn(data, name) && kept(declarations, kind).has(name)
    }
    if (needed) problems.set(name, "required")
  }
  const { key = [] } = record
  if (declared.creates && key.length && !problems.size) {
    const values = key.map(name => data[name])
    if (id !== keyId(kind, values)) problems.set("record", "wrong_key")
  }
  return Object.fromEntries(problems)
}

// Nothing names itself: no unit is inside itself, nobody their own superior.
function ownProblems(record, act) {
  const isItself = ({ kind, name }) => kind === "link" && act.data[name] === act.record
  return Object.fromEntries(record.fields.filter(isItself).map(one => [one.name, "inside_itself"]))
}

// The answers that an act replaces: of fields that it may answer, of keys that it says. What makes a record
// answers with what it sets.
function overProblems(record, declared, over, data) {
  const problems = []
  for (const [path, value] of Object.entries(over)) {
    const [name, key] = parted(path)
    const field = record.fields.find(one => one.name === name)
    const asked = declared.asks.includes(name)
    let code = "not_asked"
    if (path === "owner" && declared.gives_to) code = CHECKS.link({}, value)
    else if (key && asked && MAPS.includes(field.kind)) {
      if (isKey(key) && Object.hasOwn(data[name] ?? {}, key)) {
        code = heldProblem(field, { [key]: value })
      }
    } else if (!key && (asked || (declared.creates && Object.hasOwn(declared.sets, name)))) {
      code = value === null || !field ? null : heldProblem(field, value)
    }
    if (code) problems.push([path, code])
  }
  return Object.fromEntries(problems)
}

// A name such as "constructor" or "__proto__" may come from outside: inherited properties do not count.
function own(object, name) {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

function isId(value) {
  return typeof value === "string" && ACT_ID.test(value)
}

function isName(value) {
  return isText(value) && lengthOf(value) <= 200
}

function isReason(value) {
  return isText(value) && lengthOf(value) <= 2_000
}

function areAll(value, fits) {
  return Array.isArray(value) && value.length <= MOST_TOLD && value.every(fits)
}
