// Validates one act against the declarations, without asking what its record holds: the form's own
// check on the tablet, repeated by the server. Twin of sync/check_act.py, function by function.
// Cases: tests/vectors/check_act.json.

import { ACT_ID, ENVELOPE, RECORD_ID } from "./act.js"
import { matches } from "./selector.js"
import { folded, isBlank } from "./text_folding.js"

export const RECENT = 20 // acts that a record itself remembers; the whole history is on the server
export const UNDOABLE = 5 // of these, how many remember what was there before
const STARTS = 1_577_836_800_000 // 2020-01-01: no act of ours is older
const ENDS = 4_102_444_800_000 // 2100-01-01
export const ENGINE = ["undone", "decided", "edited", "rung_reached", "rung_annulled"]
const CHOICES = { decided: ["accept", "keep"] }
const LONGEST_PHONE = 60 // letters as they are stored, those that nobody sees included

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
  if (ENGINE.includes(verb)) return engineProblems(record, verb, act.data)
  const declared = own(declarations.acts, act.act)
  if (declared === undefined) return { act: "unknown_act" }
  return dataProblems(record, declared, act.data)
}

function envelope(act) {
  const texts = ["_id", "act", "record", "by", "device", "site"]
  // Entries, since a problem may be about a thing called "__proto__".
  const problems = texts
    .filter(name => !isText(own(act, name)) || lengthOf(act[name]) > 200)
    .map(name => [name, "not_text"])
  if (problems.length) return Object.fromEntries(problems)
  const { seen, text = "" } = act
  for (const [name, good, code] of [
    ["_id", ACT_ID.test(act._id), "not_an_id"],
    ["record", RECORD_ID.test(act.record), "not_an_id"],
    ["act", /^[a-z_]+\.[a-z_]+$/.test(act.act), "unknown_act"],
    ["at", moment({}, act.at) === null, "not_a_moment"],
    ["seen", seen == null || (typeof seen === "string" && ACT_ID.test(seen)), "not_an_id"],
    ["data", isObject(act.data), "not_an_object"],
    ["text", textProblem({ max: 10_000 }, text) === null, "too_long"],
  ]) {
    if (!good) problems.push([name, code])
  }
  for (const name of Object.keys(act)) {
    if (!ENVELOPE.includes(name) && name !== "_rev" && name !== "_revisions") {
      problems.push([name, "not_asked"])
    }
  }
  return Object.fromEntries(problems)
}

const WANTED = {
  undone: { undoes: isId },
  decided: { about: isId, choice: isText },
  edited: { field: isText, new: () => true },
  rung_reached: { ladder: isText, rung: isNumber, due_at: isNumber },
  rung_annulled: { ladder: isText, rung: isNumber },
}

function engineProblems(record, verb, data) {
  const problems = []
  for (const [name, fits] of Object.entries(WANTED[verb])) {
    if (!Object.hasOwn(data, name)) problems.push([name, "required"])
    else if (!fits(data[name])) problems.push([name, "not_understood"])
  }
  for (const name of Object.keys(data)) {
    if (!/^[a-z][a-z_]*$/.test(name)) problems.push([name, "not_asked"])
  }
  if (problems.length) return Object.fromEntries(problems)
  if (verb === "decided" && !CHOICES.decided.includes(data.choice)) {
    return { choice: "not_a_choice" }
  }
  if (verb === "edited") {
    const field = record.fields.find(one => one.name === data.field)
    if (!field || !field.editable) return { field: "not_editable" }
    const code = data.new === null ? null : CHECKS[field.kind](field, data.new)
    if (code) return { new: code }
  }
  return {}
}

function dataProblems(record, declared, data) {
  const problems = new Map()
  const fields = Object.fromEntries(record.fields.map(field => [field.name, field]))
  for (const [name, value] of Object.entries(data)) {
    if (!declared.asks.includes(name)) problems.set(name, "not_asked")
    else if (value !== null) {
      const code = CHECKS[fields[name].kind](fields[name], value)
      if (code) problems.set(name, code)
    }
  }
  for (const name of declared.asks) {
    if (isEmpty(own(data, name) ?? null)) {
      let required = fields[name].required
      if (isObject(required)) required = matches(required, data)
      if ((declared.needs.includes(name) || required) && !problems.has(name)) {
        problems.set(name, "required")
      }
    }
  }
  return Object.fromEntries(problems)
}

// Whether a value says nothing; a text of blanks and invisible letters does not.
export function isEmpty(value) {
  if (typeof value === "string") return isBlank(value)
  return value === null || (Array.isArray(value) && !value.length)
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
