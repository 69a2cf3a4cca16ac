// What a value of each kind of field may be: CHECKS has a check for each, that returns a problem code or
// null. A map is kept key by key: plain values under keys that begin with a letter, since those that look
// like numbers come before all others here. Twin of sync/field_kinds.py, function by function. Cases: those
// of tests/vectors/check_act.json.

import { RECORD_ID } from "./act.js"
import { folded, isBlank } from "./text_folding.js"

const STARTS = 1_577_836_800_000 // 2020-01-01: no act of ours is older
const ENDS = 4_102_444_800_000 // 2100-01-01
const LONGEST_PHONE = 60 // letters as they are stored, those that nobody sees included
const [FIRST_DAY, LAST_DAY] = [-25_567, 47_481] // 1900-01-01, where births begin, and 2099-12-31
const MINUTES = 1_440 // of a day; midnight at its end is one of them
const MOST_MONEY = 10_000_000_000 // fen
const FACES = 5 // from the worst, 1, to the best
export const MAPS = ["ticks", "counts", "entries", "grid"]
const MOST_KEYS = 200 // of a map

export function isNumber(value) {
  return Number.isSafeInteger(value)
}

const isWithin = (value, least, most) => isNumber(value) && least <= value && value <= most

// Half an emoji, as left by a cut, cannot be sent; a zero character cannot be stored everywhere.
export function isText(value) {
  return typeof value === "string" && value.isWellFormed() && !value.includes("\0")
}

// Characters as Python counts them: a rare one is one, not two.
export const lengthOf = text => [...text].length

export const isObject = value =>
  value !== null && typeof value === "object" && !Array.isArray(value)

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

// A day is counted from 1970-01-01: it has no zone and no clock; an hour in minutes from midnight.
const day = (field, value) => (isWithin(value, FIRST_DAY, LAST_DAY) ? null : "not_a_day")
const hour = (field, value) => (isWithin(value, 0, MINUTES) ? null : "not_an_hour")
// In fen; below nothing only where the field says so.
const money = (field, value) => number({ min: field.min || 0, max: field.max || MOST_MONEY }, value)
const rating = (field, value) => (isWithin(value, 1, FACES) ? null : "not_a_choice")

// The check of a map whose values `one` checks; none empties a key.
const map = one => (field, value) => {
  if (!isObject(value) || Object.keys(value).length > MOST_KEYS) return "not_a_map"
  for (const [key, item] of Object.entries(value)) {
    if (!isKey(key) || (field.rows?.length && !field.rows.some(row => row[0] === key))) {
      return "not_a_key"
    }
    const code = item === null ? null : one(field, item)
    if (code) return code
  }
  return null
}

// Says whether something may be a key of a map.
export function isKey(value) {
  return /^[a-z][a-z0-9_.-]{0,59}$/.test(value)
}

// [field, key or ""] of a path such as "ticks.floor".
export const parted = path => {
  const at = path.indexOf(".")
  return at < 0 ? [path, ""] : [path.slice(0, at), path.slice(at + 1)]
}

function days(field, value) {
  if (!Array.isArray(value) || value.length > 400) return "not_a_list"
  return value.every(isNumber) ? null : "not_a_number"
}

// Whoever takes one function from here takes no check along: hence the marks.
export const CHECKS = {
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
  day,
  hour,
  money,
  rating,
  ticks: /* @__PURE__ */ map(choice),
  counts: /* @__PURE__ */ map(number),
  entries: /* @__PURE__ */ map(textProblem),
  grid: /* @__PURE__ */ map(choice),
  days,
}
