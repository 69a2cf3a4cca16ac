// Lists as strings: "list␁part␁…␁moment␁id" sorts as the list does, so one index holds them all.

import { runs } from "./ladder.js"
import { matches } from "./selector.js"

const SEP = "\u0001"
const LAST = "\uffff"
const DIGITS = 15

export const RUNNING = "running"

/** The strings under which a record stands in its declared lists. */
export function listKeys(declarations, record) {
  const declared = declarations.records[record.type]
  if (!declared) return []
  const keys = []
  for (const list of declared.lists) {
    if (!matches(list.where, record)) continue
    const parts = list.parts.map(name => String(record[name] ?? ""))
    keys.push(keyOf(`${record.type}.${list.name}`, parts, record[list.by], record._id))
  }
  if (hasClock(declarations, record)) keys.push(keyOf(RUNNING, [], 0, record._id))
  return keys
}

/** Whether any ladder's clock runs on the record. */
export function hasClock(declarations, record) {
  return Object.values(declarations.ladders).some(
    ladder => ladder.record === record.type && runs(ladder, record),
  )
}

/** The first and last string that may belong to a list, to some parts of it, or to moments of it. */
export function listBounds(name, parts = [], { from = null, to = null } = {}) {
  const start = [name, ...parts].join(SEP) + SEP
  return [from === null ? start : start + padded(from), start + (to === null ? LAST : padded(to))]
}

function keyOf(name, parts, moment, id) {
  return [name, ...parts, padded(moment), id].join(SEP)
}

function padded(moment) {
  const number = Number.isSafeInteger(moment) && moment > 0 ? moment : 0
  return String(number).padStart(DIGITS, "0")
}
