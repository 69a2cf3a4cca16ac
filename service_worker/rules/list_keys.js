// Makes the keys of the one multi-entry IndexedDB index that serves every declared list: the string
// "list␁part␁…␁moment␁id" sorts as the list does. One index for all lists means that a new kind of
// record needs no upgrade of the database.

import { byKind, runs } from "./ladder.js"
import { matches } from "./selector.js"

const SEP = "\u0001"
const LAST = "\uffff"
const DIGITS = 15 // of a moment in ms, padded: strings then sort as the numbers do
const TURNED = 10 ** DIGITS - 1

export const RUNNING = "running" // the list of records on which a deadline runs

/** Return the index keys, strings, under which a record stands in its declared lists. */
export function listKeys(declarations, record) {
  const declared = declarations.records[record.type]
  if (!declared) return []
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
  return keys
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

// Where a record stands by one field: by its number, or by the place of its choice among those declared;
// "-" before the field turns the order round.
function placeOf(declared, record, by) {
  const name = by.replace("-", "")
  const field = declared.fields.find(one => one.name === name)
  const place = field?.choices?.findIndex(([value]) => value === record[name]) ?? -1
  const number = place < 0 ? Number(record[name] ?? 0) : place + 1
  return padded(by === name ? number : TURNED - number)
}

function padded(moment) {
  const number = Number.isSafeInteger(moment) && moment > 0 ? moment : 0
  return String(number).padStart(DIGITS, "0")
}
