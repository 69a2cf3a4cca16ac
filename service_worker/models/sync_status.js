// The state of synchronization as the sync page shows it: every act of this device (unsent, sent,
// refused, in doubt), how replication goes, storage, the device's clock.

import { ulid } from "../rules/act.js"
import { deviceNow } from "../base/clock.js"
import { clock, date, dateParts, DAY, MINUTE, moment, thousands } from "../rules/display_format.js"
import { declarations } from "../generated/declarations.js"
import { version } from "../generated/version.js"
import { namedBy } from "../rules/blob_refs.js"
import * as sealed from "../store/sealed.js"
import * as store from "../store/store.js"
import { actLabel } from "./labels.js"
import { maskedNameOf, valueWords } from "./rows.js"
import { bytesArrived, WAITS, waitsFor } from "../sync/uploads.js"
import { TROUBLES } from "../sync/server_request.js"
import { _, retranslated } from "../base/words.js"
import { within } from "../base/time_limits.js"

const SHOWN = 60 // acts on the page besides those that wait or were refused
const KILOBYTE = 1024
const MEGABYTE = 1024 * KILOBYTE
const GIGABYTE = 1024 * MEGABYTE
const TIGHT = 200 * MEGABYTE // left, from which on the page says how many pictures still fit
const PICTURE = 320 * KILOBYTE // a photo as web/scripts/photo.js makes it
const COUNTS = 1_000 // ms that the browser may take to count what is used
const TELLABLE = 100 // ms of offset; less is shown as nothing that matters
const FAR = 2 * MINUTE // a clock that is further off should be set right

/**
 * Return what the sync page shows.
 *
 * {acts: [{key, title, about, mark, say, detail, seen, open}], waiting, refused, doubtful, oldest,
 *  of_others: [{name, n}], today: {n, last}, sync: {state, say, tries, next, pulled, pulled_minutes,
 *  pushed}, pictures: {n, left (KB), percent, say} of unsent blobs, storage: {records, photos, used, all,
 *  percent, tight: {left, photos} or null, persisted}, clock: {say, far}, version, device}; moments and
 *  sizes are words already.
 */
export async function syncStatus(ask) {
  const { waiting, refused } = await atHandOf(ask.person._id)
  const midnight = await store.actsSince(`act:${ulid(startOfDay(ask.now), 0n)}`)
  const recent = await store.ownActs({ limit: SHOWN })
  const open = [...refused.values(), ...waiting.values()]
  const all = [...open, ...recent].filter(row => row.by === ask.person._id)
  const rows = [...new Map(all.map(row => [row._id, row])).values()]
  const acts = await Promise.all(rows.map(row => fateOf(ask, row)))
  const oldest = Math.min(...[...waiting.values()].map(row => row.act.at))
  return {
    acts: acts.sort(byFate),
    waiting: waiting.size,
    refused: [...refused.values()].filter(row => !row.seen_at).length,
    undecided: acts.filter(act => act.mark === "refused" && act.seen && !act.decision).length,
    doubtful: acts.filter(act => act.doubtful).length,
    oldest: waiting.size ? whenWords(ask, oldest) : "",
    of_others: othersOf(ask, await sealed.rows()),
    today: sentOf(
      ask,
      midnight.filter(row => row.by === ask.person._id),
    ),
    sync: syncOf(ask),
    pictures: await picturesOf(ask),
    storage: await storageOf(),
    clock: clockOf(ask),
    version,
    device: (store.meta("device") ?? "").slice(-4),
  }
}

/**
 * Return one act beside its record, {fate, said: [{term, words}] (its fields in words), record}, or
 * null when the act is not of this device. `key` is the act's id without `act:`.
 */
export async function bothSides(ask, key) {
  const row = await store.ownAct(`act:${key}`)
  if (!row) return null
  const record = await store.get(row.record)
  return { fate: await fateOf(ask, row), said: factsOf(ask, row.act), record }
}

const RANK = { refused: 0, doubtful: 1, kept: 2, sent: 3 }

function byFate(one, other) {
  const rank = act => RANK[act.open ? (act.doubtful ? "doubtful" : act.mark) : "sent"]
  return rank(one) - rank(other) || other.at - one.at
}

// Returns the row of one act: unsent, sent, refused, or sent and unsettled on its record.
async function fateOf(ask, row) {
  const { act, state } = row
  const [record, refusal] = await Promise.all([
    store.get(act.record),
    state === "refused" ? store.get(`refusal:${act._id.slice("act:".length)}`) : null,
  ])
  const doubtful = Boolean(record?.unsettled.some(question => question.act === row._id))
  const who = maskedNameOf(ask, act.record.split(":")[0], act.data, record)
  const title = actLabel(ask, act.act)
  const decided = refusal && refusal.state !== "open" ? refusal : null
  return {
    key: act._id.slice("act:".length),
    title: who ? `${title} · ${who}` : title,
    about: [madeWords(ask, row), ask.world.reference(act.by)?.title, await photosOf(ask, act)]
      .filter(Boolean)
      .join(" · "),
    mark: { waiting: "kept", sent: "sent", refused: "refused" }[state],
    say: state === "refused" ? refusedWords(ask, row) : doubtful ? doubtWords(ask) : "",
    decision: decided ? decisionWords(ask, decided) : row.admitted ? admittedWords(ask) : "",
    at: act.at,
    doubtful,
    seen: Boolean(row.seen_at),
    open: state === "refused" ? !row.seen_at : state === "waiting" || doubtful,
  }
}

const refusedWords = (ask, row) =>
  row.say ? retranslated(ask.language, row.say) : ask.say(_("The server would not have this."))

const doubtWords = ask => ask.say(_("Does not fit what is on record: the office decides."))

const admittedWords = ask => ask.say(_("The office took it in after all."))

function decisionWords(ask, { state, decided_by, reason }) {
  const who = ask.world.reference(decided_by)?.title ?? ask.say(_("the office"))
  const sentence =
    state === "admitted"
      ? _("%(who)s took it in: %(reason)s")
      : _("%(who)s left it out: %(reason)s")
  return ask.say(sentence, { who, reason: reason ?? "" })
}

function madeWords(ask, { act, state, sent_at, refused }) {
  const made = whenWords(ask, act.at)
  const offset = ask.now - deviceNow()
  if (state === "sent" && sent_at) {
    return ask.say(_("%(made)s, delivered %(at)s"), { made, at: clock(sent_at + offset) })
  }
  if (state === "refused") {
    return ask.say(_("%(made)s, refused %(at)s"), { made, at: clock(refused + offset) })
  }
  return made
}

// Returns how many blobs the act names, and how many KB of them have not arrived.
async function photosOf(ask, { act, data }) {
  const hashes = namedBy(declarations, act.split(".")[0], data)
  if (hashes.length === 0) return ""
  const blobs = (await Promise.all(hashes.map(store.blob))).filter(Boolean)
  const left = blobs.filter(blob => blob.waiting)
  const n = hashes.length
  if (blobs.some(blob => blob.refused)) return ask.say(_("a photo or recording was refused"))
  if (left.length === 0) return ask.say(_("photos and recordings: %(n)s"), { n })
  const kb = Math.ceil(
    left.reduce((sum, row) => sum + row.size - bytesArrived(row.sha256), 0) / KILOBYTE,
  )
  return ask.say(_("photos and recordings: %(n)s, %(kb)s KB follow by themselves"), {
    n,
    kb: thousands(kb),
  })
}

// Returns the act's data in the words of the form: [{term, words}].
function factsOf(ask, { act, data }) {
  const kind = act.split(".")[0]
  const fields = declarations.records[kind]?.fields ?? []
  return fields
    .filter(field => data[field.name] !== undefined)
    .map(field => ({
      term: ask.say(field.label ?? field.name),
      words: valueWords(ask, field, data[field.name]),
    }))
    .filter(fact => fact.words)
}

// How the tablet stands

function startOfDay(now) {
  const [, , , hour, minute] = dateParts(now)
  return now - (now % MINUTE) - (hour * 60 + minute) * MINUTE
}

const whenWords = (ask, at) => (date(at) === date(ask.now) ? clock(at) : moment(at))

// Unsent acts that others left here sealed.
function othersOf(ask, rows) {
  const counts = new Map()
  for (const row of rows.filter(row => sealed.unsentIn(row))) {
    counts.set(row.by, (counts.get(row.by) ?? 0) + row.waiting)
  }
  return [...counts].map(([by, n]) => ({ name: ask.world.reference(by)?.title ?? by, n }))
}

async function atHandOf(person) {
  const { waiting, refused } = await store.atHand()
  const mine = rows => new Map([...rows].filter(([, row]) => row.by === person))
  return { waiting: mine(waiting), refused: mine(refused) }
}

function sentOf(ask, rows) {
  const sent = rows.filter(row => row.state === "sent")
  const last = Math.max(...sent.map(row => row.sent_at))
  return { n: sent.length, last: sent.length ? clock(last + ask.now - deviceNow()) : "" }
}

function syncOf(ask) {
  const last = store.meta("sync") ?? {}
  const offset = ask.now - deviceNow()
  const words = at => (at ? whenWords(ask, at + offset) : "")
  const state = last.state ?? "ok"
  return {
    state,
    say: troubleWords(ask, state),
    tries: last.tries ?? 0,
    next: last.nextAt > deviceNow() ? words(last.nextAt) : "",
    pulled: words(last.pulledAt),
    pulled_minutes: last.pulledAt
      ? Math.max(0, Math.floor((deviceNow() - last.pulledAt) / MINUTE))
      : 0,
    pushed: words(last.pushedAt),
  }
}

// Returns the progress of this person's unsent blobs, all taken together.
async function picturesOf(ask) {
  const rows = await store.waitingBlobs(ask.person._id)
  const all = rows.reduce((sum, row) => sum + row.size, 0)
  const done = rows.reduce((sum, row) => sum + Math.min(row.size, bytesArrived(row.sha256)), 0)
  const why = waitsFor()
  return {
    n: rows.length,
    left: thousands(Math.ceil((all - done) / KILOBYTE)),
    percent: all ? Math.floor((done * 100) / all) : 0,
    say: rows.length && why ? ask.say(WAITS[why]) : "",
  }
}

function troubleWords(ask, state) {
  if (state === "offline" && navigator.onLine === false) {
    return ask.say(_("This device has no network. Go where Wi-Fi reaches; it is sent by itself."))
  }
  return state in TROUBLES ? ask.say(TROUBLES[state]) : ""
}

// The offset is what this device's clock lacks: below zero it is fast.
function clockOf(ask) {
  const offset = store.meta("offset")
  if (offset == null) return { say: "", far: false }
  if (Math.abs(offset) < TELLABLE) return { say: ask.say(_("by nothing that matters")), far: false }
  const far = Math.abs(offset) >= FAR
  const length = lengthOf(ask, Math.abs(offset))
  const sentence =
    offset < 0
      ? _("%(length)s fast, corrected by itself")
      : _("%(length)s slow, corrected by itself")
  return { say: ask.say(sentence, { length }), far }
}

function lengthOf(ask, length) {
  const [minutes, hours, days] = [MINUTE, 60 * MINUTE, DAY].map(unit => Math.round(length / unit))
  if (length < FAR) return ask.say(_("%(n)s s"), { n: (length / 1000).toFixed(1) })
  if (minutes < 120) return ask.say(_("%(n)s min"), { n: minutes })
  if (hours < 48) return ask.say(_("%(n)s h"), { n: hours })
  return ask.say(_("%(n)s days"), { n: thousands(days) })
}

async function storageOf() {
  const { usage = 0, quota = 0 } = (await within(COUNTS, navigator.storage?.estimate?.())) ?? {}
  const { records, photos } = await store.holdings()
  const left = quota - usage
  return {
    records: thousands(records),
    photos,
    persisted: (await within(COUNTS, navigator.storage?.persisted?.())) ?? false,
    used: sizeWords(usage),
    all: quota ? sizeWords(quota) : "",
    percent: quota ? Math.min(100, Math.ceil((usage * 100) / quota)) : 0,
    tight:
      quota && left < TIGHT ? { left: sizeWords(left), photos: Math.floor(left / PICTURE) } : null,
  }
}

function sizeWords(bytes) {
  if (bytes >= 10 * GIGABYTE) return `${thousands(Math.floor(bytes / GIGABYTE))} GB`
  if (bytes >= GIGABYTE) return `${(bytes / GIGABYTE).toFixed(1)} GB`
  return `${Math.ceil(Math.max(0, bytes) / MEGABYTE)} MB`
}
