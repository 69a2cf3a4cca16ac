// Makes the keys of the one multi-entry IndexedDB index that serves every declared list: the string
// "list␁part␁…␁moment␁id" sorts as the list does. One index for all lists means that a new kind of
// record needs no upgrade of the database.

import { byKind, runs } from "./ladder.js"
import { matches } from "./selector.js"
import { isWithdrawn } from "./statements.js"

const SEP = "\u0001"
const LAST = "\uffff"
const DIGITS = 15 // of a moment in ms, padded: strings then sort as the numbers do
const TURNED = 10 ** DIGITS - 1

export const RUNNING = "running" // the list of records on which a deadline runs
export const LED_TO = "led_to" // by what a rule made them, or said something of them, because of

/**
 * Return the index keys, strings, under which a record stands in its declared lists; what was withdrawn
 * stands in none.
 */
export function listKeys(declarations, record) {
  const declared = declarations.records[record.type]
  if (!declared || isWithdrawn(record)) return []
  const keys = []
  for (const list of declared.lists) {
    if (!matches(list.where, record)) continue
    const parts = list.parts.map(name => String(record[name] ?? ""))
    const places = [list.by].flat().map(by => placeOf(declared, record, by))
    keys.push([`${record.type}.${list.name}`, ...parts, ...places, record._id].join(SEP))
  }
  if (hasDeadline(declarations, record)) {
    keys.push([RUNNING, padded(0), record._id].join(SEP))
  }
  for (const cause of causesOf(record)) {
    keys.push([LED_TO, cause, padded(record.opened_at), record._id].join(SEP))
  }
  return keys
}

/** Return the ids of the other records that a record is there, or is as it is, because of. */
export function causesOf(record) {
  const wanted = (record.stated?.by ?? []).filter(entry => entry.wanted)
  return [...new Set(wanted.map(entry => entry.scope))].filter(id => id !== record._id)
}

/** Whether any deadline runs on the record. */
export function hasDeadline(declarations, record) {
  return Object.values(byKind(declarations)[record.type] ?? {}).some(one => runs(one, record))
}

/**
 * Return [first, last], the keys between which a list `name` ("type.list") lies.
 *
 * `parts` narrow it to values of its parts, `from` and `to` (ms) to moments.
 */
export function listBounds(name, parts = [], { from = null, to = null } = {}) {
  const start = [name, ...parts].join(SEP) + SEP
  return [from === null ? start : start + padded(from), start + (to === null ? LAST : padded(to))]
}

// Where a record stands by one field: by its number, by the place of its choice among those declared, by
// whether any of several is chosen; "-" before the field turns the order round.
function placeOf(declared, record, by) {
  const name = by.replace("-", "")
  const field = declared.fields.find(one => one.name === name)
  const place = field?.choices?.findIndex(([value]) => value === record[name]) ?? -1
  const value = record[name] ?? 0
  const number =
    place >= 0 ? place + 1 : Array.isArray(value) ? Number(value.length > 0) : Number(value)
  return padded(by === name ? number : TURNED - number)
}

function padded(moment) {
  const number = Number.isSafeInteger(moment) && moment > 0 ? moment : 0
  return String(number).padStart(DIGITS, "0")
}
