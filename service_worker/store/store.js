// The only file that knows IndexedDB: what this tablet keeps. Every write is one strict transaction,
// every answer comes after it was committed. All functions are asynchronous but those that say so.

import { openDB } from "idb"
import { ulid } from "../rules/act.js"
import { dropBallast } from "./ballast.js"
import { nowWith } from "../base/clock.js"
import { DAY } from "../rules/format.js"
import { declarations } from "../generated/declarations.js"
import {
  heldPage,
  keepActs,
  listPage,
  offerActs,
  pruneOwn,
  refuseAct,
  settleActs,
  sweepRecords,
  takePage,
} from "./transactions.js"
import { listBounds } from "../rules/lists.js"
import { inTime, Late } from "../base/limits.js"
import { Memory } from "./memory.js"
import { searchIn } from "../rules/search.js"
import { createStores, STORES } from "./stores.js"

const NAME = "floorwalk"
const VERSION = 1
const OPENS = 10_000 // ms; an opening that others block may never come to its end, the next one may
const LONGEST = 15_000 // ms that a transaction may take
const KEPT_LAST = 60_000 // ms; undo is offered for acts as young as this
const SWEEP = 1000 // records looked at in one transaction
const DEAD = ["InvalidStateError", "UnknownError", "AbortError"] // what a handle says that died
const PULLED = ["checkpoint", "usable", "whole", "pulled"] // what is remembered of a pull
const KEEP_SENT = 7 * DAY // a restored server is offered what it lost (reliability D8)
const KEEP_DRAFTS = 14 * DAY

let connection = null // promise of the open database
let metadata = null // Map of the store meta, while connected
let memory = null // promise of Memory
const between = (...bounds) => IDBKeyRange.bound(...bounds)

// Opening, and trying once more

async function connect() {
  const mine = (connection ??= openDB(NAME, VERSION, {
    upgrade: createStores,
    blocking: forget, // another version of the app wants to upgrade
    terminated: forget, // the browser closed it under us
  }).then(async db => {
    const tx = db.transaction("meta")
    const [keys, values] = await Promise.all([tx.store.getAllKeys(), tx.store.getAll()])
    metadata = new Map(keys.map((key, n) => [key, values[n]]))
    return db
  }))
  try {
    return await inTime(OPENS, mine)
  } catch (error) {
    if (connection === mine) forget() // one that opens after all is closed again
    throw error
  }
}

function forget() {
  connection?.then(db => db.close()).catch(() => {})
  connection = null
  memory = null
}

// Runs `work` in a transaction. A handle that died is opened again and a full disk is given room, once.
async function inside(names, mode, work) {
  for (let again = true; ; again = false) {
    const db = await connect()
    try {
      return await once(db, names, mode, work)
    } catch (error) {
      if (error instanceof Late) forget()
      if (!again || error instanceof Late) throw error
      if (error.name === "QuotaExceededError") {
        if (!(await dropBallast())) throw error
      } else if (DEAD.includes(error.name)) forget()
      else throw error
    }
  }
}

async function once(db, names, mode, work) {
  const tx = db.transaction(names, mode, { durability: "strict" })
  const done = tx.done.catch(error => {
    throw tx.error ?? error
  })
  try {
    return await inTime(LONGEST, committed(tx, work, done))
  } catch (error) {
    done.catch(() => {})
    try {
      tx.abort()
    } catch {
      // It is over already.
    }
    throw error
  }
}

async function committed(tx, work, done) {
  const answer = await work(tx)
  await done
  return answer
}

const reading = (names, work) => inside(names, "readonly", work)
const writing = (names, work) => inside(names, "readwrite", work)

async function recall() {
  await connect()
  const since = `act:${ulid(nowWith(meta("offset")) - KEPT_LAST, 0n)}`
  memory ??= reading(["view", "acts"], tx => new Memory(declarations).load(tx, between, since))
  try {
    return await memory
  } catch (error) {
    memory = null
    throw error
  }
}

// Records

/** Return the record as this tablet sees it, or null. */
export async function get(id) {
  const at_hand = await recall()
  const known = at_hand.record(id)
  if (known !== undefined) return known
  const { taken } = at_hand
  const row = await reading("view", tx => tx.store.get(id))
  const record = row?.record ?? null
  if (at_hand.taken === taken) at_hand.hold(id, record)
  return record
}

/**
 * Return {records, after} of a declared list, `name` being "type.list"; `after` begins the next page.
 *
 * `parts` are values of the list's parts, from the first on; `reverse` begins with the latest.
 */
export async function list(name, { parts = [], after = null, limit = 25, reverse = false } = {}) {
  const [first, last] = listBounds(name, parts)
  const range = reverse
    ? between(first, after ?? last, false, true)
    : between(after ?? first, last, true, false)
  const rows = await reading("view", tx => listPage(tx, range, limit, reverse))
  const end = rows.at(-1)?.lists.find(key => key >= first && key <= last)
  return { records: rows.map(row => row.record), after: rows.length < limit ? null : end }
}

/** Whether there is no record at all. */
export const isEmpty = async () =>
  (await reading("view", tx => tx.store.getAllKeys(null, 1))).length === 0

/** Return how many records a list has in these parts, and from the moment `after` on. */
export async function count(name, { parts = [], after = null } = {}) {
  const range = between(...listBounds(name, parts, { from: after }))
  return reading("view", tx => tx.store.index("lists").count(range))
}

/** Return {records, photos}: how many of each this tablet holds. */
export const holdings = () =>
  reading(["view", "blobs"], async tx => {
    const blobs = tx.objectStore("blobs")
    const [records, photos] = await Promise.all([tx.objectStore("view").count(), blobs.count()])
    return { records, photos }
  })

/** Return records by any words of what they say: part of a name, initials, digits; newest first. */
export async function search(question, { types = null, limit = 25 } = {}) {
  const found = searchIn(await segments(), question, { types, most: limit })
  const rows = await reading("view", tx => Promise.all(found.map(id => tx.store.get(id))))
  return rows.filter(Boolean).map(row => row.record)
}

/** Read the search lines into memory, before the first question. */
export async function segments() {
  const at_hand = await recall()
  if (!at_hand.segments) {
    const read = await reading("find", async tx => {
      const [keys, texts] = await Promise.all([tx.store.getAllKeys(), tx.store.getAll()])
      const all = []
      for (const [n, key] of keys.entries()) all[key] = texts[n]
      return all
    })
    at_hand.segments ??= read
  }
  return at_hand.segments
}

/** Return what is at hand: {reference, running, waiting, refused, version, mark(id)}. Do not change it. */
export const atHand = () => recall()

/** Return the records on which a clock runs. */
export async function running() {
  return [...(await recall()).running.values()]
}

// Acts

/**
 * Keep the acts of one gesture, all or none, and what they make of their records.
 *
 * Return {acts, repeated}: a gesture that was kept before is not kept again. `draft` is the key of
 * the draft that ends with it, `keptAt` the device's own moment.
 */
export async function keep(acts, { draft = null, keptAt }) {
  const kept = await writing(STORES, tx =>
    keepActs(tx, declarations, acts, { draft, keptAt, round: meta("round") ?? 0 }),
  )
  await learn(kept)
  return { acts: kept.acts, repeated: kept.repeated }
}

/** Take a page of changes [{id, record|null}] and remember `marks` ({checkpoint: …}) with it. */
export async function pull(rows, { marks = {}, fresh = null, at }) {
  const taken = await writing(STORES, async tx => {
    const changed = await takePage(tx, declarations, rows, { fresh, at, round: meta("round") ?? 0 })
    for (const [key, value] of Object.entries(marks)) tx.objectStore("meta").put(value, key)
    return changed
  })
  for (const [key, value] of Object.entries(marks)) metadata.set(key, value)
  await learn(taken)
  return taken.changes
}

/** The server has these acts. */
export async function acknowledged(acts, at) {
  await learn(await writing(STORES, tx => settleActs(tx, acts, at)))
}

/** The server will not have this act, and says why. */
export async function refused(id, code, say, at) {
  const changed = await writing(STORES, tx =>
    refuseAct(tx, declarations, { id, code, say }, { at, round: meta("round") ?? 0 }),
  )
  await learn(changed)
  return changed.changes ?? []
}

/** Have acts of the last seven days wait again: the server lost them. Return how many. */
export async function offerAgain(now) {
  const many = await writing(STORES, tx => offerActs(tx, now - KEEP_SENT))
  memory = null
  return many
}

/** Return own acts in the order in which they were kept: those of a person that wait, oldest first. */
export async function waitingActs(person, limit) {
  const rows = await reading("acts", tx => tx.store.index("waiting").getAll())
  return rows
    .filter(row => row.by === person)
    .slice(0, limit)
    .map(row => row.act)
}

/** Return the newest of this device's acts, each a row with its fate; `after` is the last one's id. */
export async function ownActs({ limit = 50, after = null } = {}) {
  return reading("acts", async tx => {
    const rows = []
    const range = after ? IDBKeyRange.upperBound(after, true) : null
    let cursor = await tx.store.openCursor(range, "prev")
    for (; cursor && rows.length < limit; cursor = await cursor.continue()) rows.push(cursor.value)
    return rows
  })
}

/** Return the rows of own acts whose id is not before `id`, that is those made since a moment. */
export const actsSince = id => reading("acts", tx => tx.store.getAll(IDBKeyRange.lowerBound(id)))

/** Return one act's row, or null. */
export const ownAct = async id => (await reading("acts", tx => tx.store.get(id))) ?? null

/** The person has seen that this act was refused. */
export async function seenRefused(id, at) {
  await writing("acts", async tx => {
    const row = await tx.store.get(id)
    if (row) tx.store.put({ ...row, seen_at: at })
  })
  memory = null
}

// Memory follows what was committed; while it is being read it will have that anyway.
async function learn(changed) {
  if (memory) (await memory).take(changed)
}

// Drafts and blobs

/** Keep what a form says now: {name: [values]}. */
export const keepDraft = (key, fields, at) =>
  writing("drafts", tx => tx.store.put({ key, fields, at }))

/** Return {fields, at} or null. */
export const draft = async key => (await reading("drafts", tx => tx.store.get(key))) ?? null

/** Forget a draft. */
export const dropDraft = key => writing("drafts", tx => tx.store.delete(key))

/** Keep a picture or sound; it is sent once an act names it. Throws QuotaExceededError. */
export async function keepBlob(sha256, blob, at) {
  const row = { sha256, blob, type: blob.type, size: blob.size, kept_at: at }
  const db = await connect()
  await once(db, "blobs", "readwrite", async tx => {
    if (!(await tx.store.getKey(sha256))) await tx.store.put(row)
  })
}

/** Return {blob, type, size, waiting?, sent_at?} or null. */
export const blob = async sha256 => (await reading("blobs", tx => tx.store.get(sha256))) ?? null

/** Return the blobs of a person that are to be sent, those that were kept first before others. */
export async function waitingBlobs(person) {
  const rows = await reading("blobs", tx => tx.store.index("waiting").getAll())
  return rows
    .filter(row => !row.by || row.by === person)
    .sort((one, other) => one.kept_at - other.kept_at)
}

/** The server has this blob, or will never have it. */
export async function settledBlob(sha256, how) {
  await writing("blobs", async tx => {
    const row = await tx.store.get(sha256)
    if (!row) return
    delete row.waiting
    tx.store.put({ ...row, ...how })
  })
}

// What the tablet knows of itself

/** Return what is remembered under a key. Not asynchronous: `ready` was awaited before. */
export const meta = key => metadata?.get(key)

/** Be connected, so that `meta` answers. */
export const ready = connect

/** Remember values by their keys; undefined forgets. */
export async function remember(values) {
  await writing("meta", async tx => {
    for (const [key, value] of Object.entries(values)) {
      if (value === undefined) tx.store.delete(key)
      else tx.store.put(value, key)
    }
  })
  for (const [key, value] of Object.entries(values)) metadata.set(key, value)
}

// Cleaning

/** Forget the server's records, for another person or a new beginning; own acts and drafts stay. */
export async function clearRecords() {
  await writing(STORES, async tx => {
    for (const name of ["view", "base", "find"]) tx.objectStore(name).clear()
    for (const key of PULLED) tx.objectStore("meta").delete(key)
  })
  for (const key of PULLED) metadata.delete(key)
  memory = null
}

/** Forget everything, what is unsent too. */
export async function eraseAll() {
  await writing(STORES, async tx => {
    for (const name of STORES) tx.objectStore(name).clear()
  })
  metadata = new Map()
  memory = null
}

/** After a pull from nothing: remove records of an earlier round that no own act lies over. */
export async function sweep() {
  const round = meta("round") ?? 0
  await walk("readwrite", (tx, range) => sweepRecords(tx, declarations, range, SWEEP, round))
  memory = null
}

/** Return [id, rev] of every record as the server last said it. */
export const heldRevs = () => walk("readonly", (tx, range) => heldPage(tx, range, SWEEP))

// Goes through the view in several transactions, so that nobody waits for the whole of it.
async function walk(mode, work) {
  const found = []
  for (let page = { next: "" }; page.next !== null; found.push(...page.rows)) {
    const range = IDBKeyRange.lowerBound(page.next, true)
    page = await inside(STORES, mode, tx => work(tx, range))
  }
  return found
}

/** Remove what has been kept long enough. */
export const prune = now =>
  writing(STORES, tx => pruneOwn(tx, now, { sent: KEEP_SENT, drafts: KEEP_DRAFTS }))
