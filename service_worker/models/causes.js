// What a record is because of, and what it led to: what was said for rules, read both ways.
import { causesOf, LED_TO } from "../rules/list_keys.js"
import * as store from "../store/store.js"
import { nameOf } from "./rows.js"

const MOST = 10 // of each that a page names

/** Return {because, led}, each [{id, kind, name}]: what this tablet holds of it, by the moment. */
export async function causes(ask, record) {
  const because = await Promise.all(causesOf(record).slice(0, MOST).map(store.get))
  const { records: led } = await store.list(LED_TO, { parts: [record._id], limit: MOST })
  return { because: named(ask, because), led: named(ask, led) }
}

function named(ask, records) {
  const here = records.filter(record => record !== null && record.state !== "unknown")
  return here.map(record => ({ id: record._id, kind: record.type, name: nameOf(ask, record) }))
}
