// The tablet's database in IndexedDB: replicated records, own acts (the outbox), drafts, blobs. Every write
// is one transaction of strict durability, and every function returns after its commit, so what a screen
// confirms survives a kill. Asynchronous, but for what says otherwise.

import { ulid } from "../rules/act.js"
import { nowWith } from "../base/clock.js"
import { DAY } from "../rules/display_format.js"
import { connect, emptyMeta, inside, keyRange, metaMap, once } from "./database.js"
import { onForgotten, reading, writing } from "./database.js"
import { declarations } from "../generated/declarations.js"
import * as transactions from "./transaction_bodies.js"
import { listBounds } from "../rules/list_keys.js"
import { Memory } from "./memory_cache.js"
import { searchIn, SEARCH_VERSION, sortsFor } from "../rules/search.js"
import { draftKey, LINES_OF, prefsKey, STORES } from "./stores.js"

const KEPT_LAST = 60_000 // ms; young enough for undo, which undo.offered_for (10 s) offers for less
const SWEEP = 1000 // records in one transaction: a tap in between waits for no more
const KEEP_SENT = 7 * DAY // a server restored from a backup is offered what that lacks (promise D8)
const KEEP_DRAFTS = 14 * DAY

let memory = null // promise of Memory
let renewing = null // promise of the search lines' renewal

onForgotten(() => {
  memory = null
})

async function recall() {
  await connect()
  const since = `act:${ulid(nowWith(meta("offset")) - KEPT_LAST, 0n)}`
  memory ??= reading(["view", "acts"], tx => new Memory(declarations).load(tx, keyRange, since))
  try {
    return await memory
  } catch (error) {
    memory = null
    throw error
  }
}

// Records

/** Return the record as this tablet sees it (own unsent acts included), or null. */
export async function get(id) {
  const cache = await recall()
  const cached = cache.record(id)
  if (cached !== undefined) return cached
  const { taken } = cache
  const row = await reading("view", tx => tx.store.get(id))
  const record = row?.record ?? null
  // A write that was committed while this read ran would be overwritten by what it read before it.
  if (cache.taken === taken) cache.hold(id, record)
  return record
}

/**
 * Return {records, after}: a page of the declared list `name`, "type.list", and the key that begins the
 * next page, or null. `parts` are values of its parts from the first on, `from` and `to` bound what it goes
 * by first, `reverse` begins with the latest.
 */
export async function list(
  name,
  { parts = [], after = null, limit = 25, reverse = false, ...span } = {},
) {
  const [first, last] = listBounds(name, parts, span)
  const range = reverse
    ? keyRange(first, after ?? last, false, true)
    : keyRange(after ?? first, last, true, false)
  const rows = await reading("view", tx => transactions.listPage(tx, range, limit, reverse))
  const end = rows.at(-1)?.lists.find(key => key >= first && key <= last)
  return { records: rows.map(row => row.record), after: rows.length < limit ? null : end }
}

/** Whether there is no record. */
export const isEmpty = async () =>
  !(await reading("view", tx => tx.store.getAllKeys(null, 1))).length

/** Return how many records a list has in these parts, `from` and `to` bound what it goes by first. */
export async function count(name, { parts = [], ...span } = {}) {
  const range = keyRange(...listBounds(name, parts, span))
  return reading("view", tx => tx.store.index("lists").count(range))
}

/** Return {records, photos}: how many of each this tablet holds. */
export const holdings = () =>
  reading(["view", "blobs"], async tx => {
    const blobs = tx.objectStore("blobs")
    const [records, photos] = await Promise.all([tx.objectStore("view").count(), blobs.count()])
    return { records, photos }
  })

const RANKED = Object.keys(declarations.records).filter(
  kind => declarations.records[kind].full_text?.length,
)

/**
 * Return the records that have all words of a question: part of a name, initials, digits; newest first, of
 * long texts those with the words in their title. At most `limit` of each kind.
 */
export async function search(question, { types = null, limit = 25 } = {}) {
  const found = await segments(sortsFor(question))
  const ids = searchIn(found, question, { types, most: limit, ranked: RANKED })
  const rows = await reading("view", tx => Promise.all(ids.map(id => tx.store.get(id))))
  return rows.filter(Boolean).map(row => row.record)
}

/** Return the search segments by sort, these sorts read into memory at the first call that asks for them. */
export async function segments(sorts) {
  await connect()
  if (meta(LINES_OF) !== SEARCH_VERSION) {
    await (renewing ??= renewLines().finally(() => (renewing = null)))
  }
  const { segments: held } = await recall()
  await Promise.all(
    Array.from(sorts, async sort => {
      const range = keyRange([sort], [sort, []])
      const read = held[sort] ?? (await reading("find", tx => transactions.readSegments(tx, range)))
      held[sort] ??= read
    }),
  )
  return held
}

// Once after an update of the app that writes other lines; what was begun and cut off begins again.
async function renewLines() {
  await writing("find", tx => tx.store.clear())
  await walk("readwrite", (tx, range) => transactions.indexPage(tx, declarations, range, SWEEP))
  await remember({ [LINES_OF]: SEARCH_VERSION })
  memory = null
}

/** Return the Memory: {reference, running, waiting, refused, version, mark(id)}. Do not change it. */
export const atHand = () => recall()

/** Return the records on which a deadline runs. */
export async function running() {
  return [...(await recall()).running.values()]
}

// Acts

/**
 * Keep the acts of one gesture, all or none, and what they make of their records.
 *
 * Return {acts, repeated}: a gesture that was kept before is not kept again. `draft` is the key of
 * the draft that ends with it, `keptAt` (ms) this device's clock, which counts for order only.
 */
export async function keep(acts, { draft = null, keptAt }) {
  const kept = await writing(STORES, tx =>
    transactions.keepActs(tx, declarations, acts, { draft, keptAt, round: roundNow() }),
  )
  await learn(kept)
  return { acts: kept.acts, repeated: kept.repeated }
}

/**
 * Write a page of changes [{id, record|null}]; return [{id, record, type}] of what changed here. `marks`
 * ({checkpoint: …}) go into the same transaction: a checkpoint ahead of its records would lose them.
 */
export async function pull(rows, { marks = {}, fresh = null, at }) {
  const taken = await writing(STORES, async tx => {
    const options = { fresh, at, round: roundNow() }
    const changed = await transactions.takePage(tx, declarations, rows, options)
    for (const [key, value] of Object.entries(marks)) tx.objectStore("meta").put(value, key)
    return changed
  })
  for (const [key, value] of Object.entries(marks)) metaMap().set(key, value)
  await learn(taken)
  return taken.changes
}

/** Remember that the server has the acts with these ids, since `at` (ms). */
export async function markSent(ids, at) {
  await learn(await writing(STORES, tx => transactions.settleActs(tx, ids, at)))
}

/** Remember that the server refused an act, and why; return the changes of its record without it. */
export async function markRefused(id, code, say, at) {
  const changed = await writing(STORES, tx =>
    transactions.refuseAct(tx, declarations, { id, code, say }, { at, round: roundNow() }),
  )
  await learn(changed)
  return changed.changes ?? []
}

/** Put the acts of the last seven days back into the outbox, for a restored server. Return how many. */
export async function offerAgain(now) {
  const many = await writing(STORES, tx => transactions.offerActs(tx, now - KEEP_SENT))
  memory = null
  return many
}

/** Return the unsent acts of a person, oldest first, `limit` at most. */
export async function waitingActs(person, limit) {
  const rows = await reading("acts", tx => tx.store.index("waiting").getAll())
  return rows
    .filter(row => row.by === person)
    .slice(0, limit)
    .map(row => row.act)
}

/** Return rows {act, state, …} of this device's acts, newest first; `after` is the last one's id. */
export async function ownActs({ limit = 50, after = null } = {}) {
  const range = after ? IDBKeyRange.upperBound(after, true) : null
  return reading("acts", tx => transactions.latest(tx.store, range, limit))
}

/** Return the rows of own acts from `id` on; ids sort by time, so these are those made since a moment. */
export const actsSince = id => reading("acts", tx => tx.store.getAll(IDBKeyRange.lowerBound(id)))

/** Return one act's row, or null. */
export const ownAct = async id => (await reading("acts", tx => tx.store.get(id))) ?? null

/** Remember that the person has seen that this act was refused. */
export async function markRefusalSeen(id, at) {
  await writing("acts", async tx => {
    const row = await tx.store.get(id)
    if (row) tx.store.put({ ...row, seen_at: at })
  })
  memory = null
}

// Memory follows what was committed. While it is still being loaded, awaiting it puts the change after it.
async function learn(changed) {
  if (memory) (await memory).take(changed)
}

// Drafts and blobs

/** Keep a person's form, {name: [values]}, under the key of its draft. */
export const keepDraft = (by, key, fields, at) =>
  writing("drafts", tx => tx.store.put({ key: draftKey(by, key), by, fields, at }))

/** Return {fields, at} of this person's draft, or null. */
export const draft = async (by, key) =>
  (await reading("drafts", tx => tx.store.get(draftKey(by, key)))) ?? null

/** Keep a blob; it is sent once an act names it. Throws QuotaExceededError: the ballast is for acts. */
export async function keepBlob(sha256, blob, at) {
  const row = { sha256, blob, type: blob.type, size: blob.size, kept_at: at }
  const db = await connect()
  await once(db, "blobs", "readwrite", async tx => {
    if (!(await tx.store.getKey(sha256))) await tx.store.put(row)
  })
}

/** Return {blob, type, size, waiting?, sent_at?} or null. */
export const blob = async sha256 => (await reading("blobs", tx => tx.store.get(sha256))) ?? null

/** Return the rows of a person's unsent blobs, oldest first. */
export async function waitingBlobs(person) {
  const rows = await reading("blobs", tx => tx.store.index("waiting").getAll())
  return rows
    .filter(row => !row.by || row.by === person)
    .sort((one, other) => one.kept_at - other.kept_at)
}

/** Take a blob out of the queue: `how` says {sent_at} or {refused, refused_at}. */
export async function settleBlob(sha256, how) {
  await writing("blobs", async tx => {
    const row = await tx.store.get(sha256)
    if (!row) return
    delete row.waiting
    tx.store.put({ ...row, ...how })
  })
}

// What the tablet knows of itself

/** Return what is remembered under a key. Synchronous: `ready` was awaited before. */
export const meta = key => metaMap()?.get(key)

/** Return the preferences of whoever works here, {language, place, theme, …}; synchronous. */
export const prefs = () => meta(prefsKey(meta("session")?.person._id)) ?? {}

/** Remember them. */
export const rememberPrefs = (person, values) => remember({ [prefsKey(person)]: values })

/** Return the number of full pulls begun so far: records of an earlier one may be gone on the server. */
export const roundNow = () => meta("round") ?? 0

/** Be connected, so that `meta` answers. */
export const ready = connect

/** Remember values by their keys, {key: value}; undefined forgets. */
export async function remember(values) {
  await writing("meta", async tx => {
    for (const [key, value] of Object.entries(values)) {
      if (value === undefined) tx.store.delete(key)
      else tx.store.put(value, key)
    }
  })
  for (const [key, value] of Object.entries(values)) metaMap().set(key, value)
}

// Cleaning

/** Delete everything, unsent acts too, but for what others left sealed. */
export async function eraseAll() {
  await writing(STORES, async tx => {
    for (const name of STORES) if (name !== "sealed") tx.objectStore(name).clear()
  })
  emptyMeta()
  memory = null
}

/** What is in memory may be wrong: it is read again. */
export function forgetMemory() {
  memory = null
}

/** After a full pull: remove the records that it did not bring, unless an unsent own act made them. */
export async function sweep() {
  const round = roundNow()
  await walk("readwrite", (tx, range) =>
    transactions.sweepRecords(tx, declarations, range, SWEEP, round),
  )
  memory = null
}

/** Return [id, rev] of every record as the server last sent it. */
export const heldRevs = () =>
  walk("readonly", (tx, range) => transactions.heldPage(tx, range, SWEEP))

// Goes through the view in several transactions: a tap's own transaction gets its turn between them.
async function walk(mode, work) {
  const all = []
  for (let page = { next: "" }; page.next !== null; all.push(...page.rows)) {
    const range = IDBKeyRange.lowerBound(page.next, true)
    page = await inside(STORES, mode, tx => work(tx, range))
  }
  return all
}

/** Delete acts, blobs and drafts that were kept long enough. */
export const prune = now =>
  writing(STORES, tx => transactions.pruneOwn(tx, now, { sent: KEEP_SENT, drafts: KEEP_DRAFTS }))
