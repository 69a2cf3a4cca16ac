// The table of readings, loaded when the first name is searched, kept or sorted: it takes some
// milliseconds that the start of the worker need not wait for. A script that the installation has
// imported is at hand for good, without a network, and without a promise in a transaction.

import { readingsIn, sortingKey } from "../rules/search_words.js"
import { version } from "../generated/version.js"

const FILE = `/static/pinyin.js?${version}`

let table = null
const keys = new Map() // of names, as they were sorted last
const MOST_KEYS = 2_000

/** Import the table while the worker is installed: later only what was imported then may be. */
export function keepReadings() {
  self.importScripts(FILE)
}

/** Return the table; without one names are found as they are written. */
export function readings() {
  table ??= readingsIn(textOfTable())
  return table
}

/** Compare two names for a list: by pinyin, the surname read as one. */
export function byName(one, other) {
  const [left, right] = [keyOf(one ?? ""), keyOf(other ?? "")]
  return left < right ? -1 : Number(left > right)
}

// Private

function textOfTable() {
  try {
    if (!self.pinyinTable) self.importScripts(FILE)
  } catch (error) {
    self.reportError?.(error)
  }
  return self.pinyinTable ?? "\n"
}

function keyOf(name) {
  if (!keys.has(name)) {
    if (keys.size >= MOST_KEYS) keys.clear()
    keys.set(name, sortingKey(readings(), name))
  }
  return keys.get(name)
}
