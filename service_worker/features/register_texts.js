// Long texts: what a search found of them, with its words marked, a text to be read from end to end, and
// for how long it holds. A kind's declaration says which of its fields are full texts.

import { deviceNow } from "../base/clock.js"
import { readings } from "../base/pinyin.js"
import { momentWords } from "../models/deadlines.js"
import { isGone, nameOf, valueWords } from "../models/rows.js"
import { marked } from "../rules/search_words.js"
import { matches } from "../rules/selector.js"
import { localDay } from "../rules/worktime.js"
import { may } from "../screens/acts.js"
import * as store from "../store/store.js"
import { _ } from "../base/words.js"

const EXCERPT = 64 // letters of a text in a row: two lines

const parts = (text, q, most) =>
  marked(readings(), text, q, most).map(([words, hit]) => ({ words, hit }))

/** Return what a row of a found record says with the words of the question marked, or nothing. */
export function hitOf(ask, kind, record, q) {
  const text = kind.full_text?.map(name => record[name]).find(Boolean)
  if (!text) return {}
  return { name_parts: parts(nameOf(ask, record), q), about_parts: parts(text, q, EXCERPT) }
}

/** Return found records as [those that search shows, the others]: what does not hold stands apart. */
export function heldApart({ full_text: full, finds_when: wanted }, records) {
  const there = records.filter(record => !isGone(record))
  if (!full || !wanted) return [there, []]
  const { true: held = [], false: others = [] } = Object.groupBy(there, one => matches(wanted, one))
  return [held, others]
}

/** Return the paragraphs of the text that a page shows, its own or the one that it is about. */
export async function textOf(ask, kind, record) {
  const q = ask.query.get("q") ?? ""
  const own = kind.full_text?.map(name => record[name]).find(Boolean)
  const about = !own && kind.reads && record[kind.reads] && (await store.get(record[kind.reads]))
  const names = about ? (ask.world.declarations.records[about.type].full_text ?? []) : []
  const text = own || names.map(name => about[name]).find(Boolean) || ""
  const lines = text.split("\n").filter(line => line.trim())
  return lines.map(line => parts(line, q))
}

/** Return for how long a record holds and as of when this copy is, {from, until, left, share, as_of}, or null. */
export function validityOf(ask, kind, record) {
  if (!kind.holds_from) return null
  const [from, until] = kind.holds_from.map(name => record[name] ?? null)
  const today = localDay(ask.now, ask.world.calendar)
  const words = day => (day == null ? "" : valueWords(ask, { kind: "day" }, day))
  const left = until == null ? null : until - today
  const begun = from ?? localDay(record.opened_at, ask.world.calendar)
  const share = left == null ? 0 : Math.round((100 * (today - begun)) / Math.max(1, until - begun))
  const { pulledAt } = store.meta("sync") ?? {}
  const at = pulledAt ? pulledAt + ask.now - deviceNow() : 0
  return {
    from: words(from),
    until: words(until),
    left: left == null ? "" : leftWords(ask, left),
    share: Math.min(100, Math.max(0, share)),
    as_of: at ? momentWords(ask.say, at, ask.now, ask.world.calendar) : "",
  }
}

function leftWords(ask, days) {
  if (days < 0) return ask.say(_("over"))
  return days ? ask.say(_("%(n)s days left"), { n: days }) : ask.say(_("today is the last day"))
}

/** Return the side of a found row: until when it holds, while it does. */
export function heldWords(ask, kind, record) {
  const [, until] = kind.holds_from ?? []
  const day = until && record[until]
  return day == null
    ? ""
    : ask.say(_("until %(day)s"), { day: valueWords(ask, { kind: "day" }, day) })
}

/** Return where a question is asked that no text answered, or null. */
export function askedOn(ask, kind, q) {
  const { act, field, with: values } = kind.unanswered ?? {}
  if (!q || !act || !may(ask, act)) return null
  const { path } = ask.world.declarations.records[act.split(".")[0]]
  return `/floor/${path}/new?${new URLSearchParams({ ...values, [field]: q })}`
}
