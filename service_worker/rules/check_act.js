// Validates one act against the declarations, without asking what its record holds: the form's own
// check on the tablet, repeated by the server. Twin of sync/check_act.py, function by function.
// Cases: tests/vectors/check_act.json.

import { ACT_ID, ENVELOPE, isStatement, RECORD_ID, STATEMENT } from "./act.js"
import { matches } from "./selector.js"
import { folded, isBlank } from "./text_folding.js"

export const RECENT = 20 // acts that a record itself remembers; the whole history is on the server
export const UNDOABLE = 5 // of these, how many remember what was there before
const STARTS = 1_577_836_800_000 // 2020-01-01: no act of ours is older
const ENDS = 4_102_444_800_000 // 2100-01-01
export const ENGINE = ["undone", "decided", "edited", "rung_reached", "rung_annulled"]
const CHOICES = { decided: ["accept", "keep"] }
const LONGEST_PHONE = 60 // letters as they are stored, those that nobody sees included

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
  return value === null || value === undefined || (Array.isArray(value) && value.every(isEmpty))
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
    const wrong = engineProblems(declarations, kind, verb, act.data)
    if (Object.keys(wrong).length) return wrong
    return Object.fromEntries(Object.keys(over).map(name => [name, "not_asked"]))
  }
  const declared = own(declarations.acts, act.act)
  if (declared === undefined) return { act: "unknown_act" }
  const wrong = dataProblems(declarations, kind, declared, act.data)
  return Object.keys(wrong).length ? wrong : overProblems(record, declared, over)
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
    ["at", moment({}, act.at) === null, "not_a_moment"],
    ["seen", seen == null || (typeof seen === "string" && ACT_ID.test(seen)), "not_an_id"],
    ["over", isObject(over), "not_an_object"],
    ["data", isObject(act.data), "not_an_object"],
    ["for", isSaidAsItShould(act), "not_asked"],
    ["text", textProblem({ max: 10_000 }, text) === null, "too_long"],
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
}
const MAY_SAY = {
  undone: { reason: isReason },
  decided: { reason: isReason },
  edited: { old: () => true, reason: isReason },
  rung_reached: {
    late_by: isNumber,
    told: value => areAll(value, isName),
    skipped: value => areAll(value, isNumber),
    unfilled: value => areAll(value, isName),
    passed: value => typeof value === "boolean",
  },
  rung_annulled: { act: isId },
}

function engineProblems(declarations, kind, verb, data) {
  const problems = []
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
  return verb === "edited" ? editProblems(declarations, kind, data) : {}
}

function editProblems(declarations, kind, { field: name, new: value, old = null }) {
  const field = declarations.records[kind].fields.find(one => one.name === name)
  if (!field || !field.editable) return { field: "not_editable" }
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
    const listed = field.kind === "choices" ? value : [value]
    return listed.every(isName) ? null : code
  }
  return code
}

function dataProblems(declarations, kind, declared, data) {
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
      const { required } = fields[name]
      needed = isObject(required) ? matches(required, data) : required
      needed ||= Object.hasOwn(data, name) && kept(declarations, kind).has(name)
    }
    if (needed) problems.set(name, "required")
  }
  return Object.fromEntries(problems)
}

// The answers that an act replaces; only what it asks for can be replaced.
function overProblems(record, declared, over) {
  const problems = []
  for (const [name, value] of Object.entries(over)) {
    let code = null
    if (name === "owner" && declared.gives_to) code = link({}, value)
    else if (!declared.asks.includes(name)) code = "not_asked"
    else if (value !== null) {
      code = heldProblem(
        record.fields.find(one => one.name === name),
        value,
      )
    }
    if (code) problems.push([name, code])
  }
  return Object.fromEntries(problems)
}

// A name such as "constructor" or "__proto__" may come from outside: inherited properties do not count.
function own(object, name) {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

function isObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value)
}

function isNumber(value) {
  return Number.isSafeInteger(value)
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

// Half an emoji, as left by a cut, cannot be sent; a zero character cannot be stored everywhere.
function isText(value) {
  return typeof value === "string" && value.isWellFormed() && !value.includes("\0")
}

// Characters as Python counts them: a rare one is one, not two.
function lengthOf(text) {
  return [...text].length
}

function textProblem(field, value) {
  if (!isText(value)) return "not_text"
  if (lengthOf(value) > (field.max || 2_000)) return "too_long"
  return null
}

function phone(field, value) {
  if (!isText(value) || lengthOf(value) > LONGEST_PHONE) return "not_a_phone"
  return /^[0-9+ -]{3,20}$/.test(folded(value)) ? null : "not_a_phone"
}

function choice(field, value) {
  return field.choices.some(option => option[0] === value) ? null : "not_a_choice"
}

function choices(field, value) {
  if (!Array.isArray(value) || value.length > 50) return "not_a_list"
  return value.every(item => choice(field, item) === null) ? null : "not_a_choice"
}

function number(field, value) {
  if (!isNumber(value)) return "not_a_number"
  if (field.min !== null && value < field.min) return "too_small"
  if (field.max !== null && value > field.max) return "too_big"
  return null
}

function flag(field, value) {
  return typeof value === "boolean" ? null : "not_a_flag"
}

function moment(field, value) {
  return isNumber(value) && STARTS <= value && value < ENDS ? null : "not_a_moment"
}

function link(field, value) {
  if (typeof value !== "string" || !RECORD_ID.test(value)) return "not_an_id"
  return !field.of?.length || field.of.includes(value.split(":")[0]) ? null : "not_an_id"
}

function isHash(value) {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value)
}

function blobs(field, value) {
  if (!Array.isArray(value) || value.length > (field.max || 20)) return "too_many"
  return value.every(isHash) ? null : "not_a_photo"
}

// {strokes: [[x, y, x, y, …], …], of: <sha256 of the text signed>}, whole numbers.
function signature(field, value) {
  if (!isObject(value) || !Array.isArray(value.strokes)) return "not_a_signature"
  if (!isHash(value.of)) return "not_a_signature"
  const { strokes } = value
  const points = strokes.reduce((n, stroke) => n + (Array.isArray(stroke) ? stroke.length : 0), 0)
  if (strokes.length > 500 || points > 40_000) return "too_long"
  const good = strokes.every(
    stroke => Array.isArray(stroke) && stroke.length % 2 === 0 && stroke.every(isNumber),
  )
  if (!good || strokes.length === 0) return "not_a_signature"
  return isWritten(strokes) ? null : "too_little_ink"
}

// A dot is no signature. Of the pad's 600 × 160 units: the way of the pen, in all, and the longer side of
// what it covers. The shortest names and a small cross have more; a tap, a slip of the finger less.
const [INK, SPREAD] = [120, 30]

// Whether strokes are more than a dot; the way is counted along both sides.
export function isWritten(strokes) {
  let ink = 0
  const sides = [
    { least: Infinity, most: -Infinity },
    { least: Infinity, most: -Infinity },
  ]
  for (const points of strokes) {
    for (const [n, at] of points.entries()) {
      if (n > 1) ink += Math.abs(at - points[n - 2])
      const side = sides[n % 2]
      side.least = Math.min(side.least, at)
      side.most = Math.max(side.most, at)
    }
  }
  return ink >= INK && Math.max(...sides.map(side => side.most - side.least)) >= SPREAD
}

function names(field, value) {
  if (!Array.isArray(value) || value.length > 200) return "not_a_list"
  const good = value.every(item => isText(item) && lengthOf(item) <= 100 && !isBlank(item))
  return good ? null : "not_text"
}

function people(field, value) {
  if (!Array.isArray(value) || value.length > (field.max || 200)) return "not_a_list"
  const good = value.every(
    one => typeof one === "string" && one.startsWith("person:") && RECORD_ID.test(one),
  )
  return good ? null : "not_an_id"
}

function days(field, value) {
  if (!Array.isArray(value) || value.length > 400) return "not_a_list"
  return value.every(isNumber) ? null : "not_a_number"
}

const CHECKS = {
  text: textProblem,
  phone,
  choice,
  choices,
  number,
  flag,
  moment,
  link,
  blobs,
  voice: blobs,
  signature,
  names,
  people,
  days,
}
