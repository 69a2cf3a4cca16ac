// Sheets that are filled item by item: as they stand, and what their template asks otherwise by now.

import { shippedWords } from "../models/rows.js"
import { matches } from "../rules/selector.js"
import * as store from "../store/store.js"
import { _ } from "../base/words.js"
import { itemsOf } from "../models/controls.js"

/** Return the sheets of a record that were filled item by item, as they stand. */
export function sheetsOf(ask, kind, record) {
  return kind.fields
    .filter(field => ["ticks", "grid", "counts"].includes(field.kind) && record[field.name])
    .map(field => ({ label: ask.say(field.label), rows: sheetRows(ask, field, record) }))
}

/** Return what a map says of each item: [{term, words}]. */
export function sheetRows(ask, field, record) {
  const labels = new Map(itemsOf(ask, field, record).map(({ key, label }) => [key, label]))
  return Object.entries(record[field.name]).map(([key, value]) => {
    const choice = field.choices.find(([name]) => name === value)
    return { term: labels.get(key) ?? key, words: choice ? ask.say(choice[1]) : String(value) }
  })
}

/**
 * Return what a record would copy otherwise now, in words: items that its template lost or was given since
 * it was begun. What was begun stays as it was.
 */
export async function changedWords(ask, kind, record) {
  if (!matches(kind.open_when, record)) return ""
  for (const field of kind.fields) {
    const then = field.kind === "entries" && field.takes?.length ? record[field.name] : null
    const source = then && (await store.get(record[field.takes[0]]))
    const now = source?.[field.takes?.[1]]
    if (!now) continue
    const lost = Object.keys(then).filter(key => !Object.hasOwn(now, key))
    const fresh = Object.keys(now).filter(key => !Object.hasOwn(then, key))
    const said = (keys, map) => keys.map(key => shippedWords(ask, field, map[key])).join("·")
    const words = [
      lost.length && ask.say(_("No longer asked: %(items)s."), { items: said(lost, then) }),
      fresh.length &&
        ask.say(_("Asked from the next one on: %(items)s."), { items: said(fresh, now) }),
    ].filter(Boolean)
    if (words.length) {
      return [
        ask.say(_("The template has changed; this one stays as it was begun.")),
        ...words,
      ].join(" ")
    }
  }
  return ""
}
