// What a record is because of, and what it led to: what was said for rules, read both ways.
import { causesOf, LED_TO } from "../rules/list_keys.js"
import * as store from "../store/store.js"

const MOST = 10 // of each that a page names

/** Return {because, led}, records that this tablet holds of it, by the moment. */
export async function causes(record) {
  const because = await Promise.all(causesOf(record).slice(0, MOST).map(store.get))
  const { records: led } = await store.list(LED_TO, { parts: [record._id], limit: MOST })
  const isHere = one => one !== null && one.state !== "unknown"
  return { because: because.filter(isHere), led: led.filter(isHere) }
}
