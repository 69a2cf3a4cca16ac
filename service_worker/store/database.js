// Opens the tablet's database and runs its transactions: each of strict durability, bounded in time, and
// tried once more where a browser closed the database or its quota was exhausted.

import { openDB } from "idb"
import { inTime, Late } from "../base/time_limits.js"
import { dropBallast } from "./ballast.js"
import { createStores } from "./stores.js"

const NAME = "floorwalk"
const VERSION = 2
const OPENS = 10_000 // ms; an opening that others block may never come to its end, the next one may
const LONGEST = 15_000 // ms that a transaction may take
const DEAD = ["InvalidStateError", "UnknownError", "AbortError"] // what a handle says that died

let connection = null // promise of the open database
let metadata = null // Map of the store meta, while connected
const listeners = []

export const keyRange = (...bounds) => IDBKeyRange.bound(...bounds)

/** Have `listener()` called when the database was closed: what was read from it counts no more. */
export function onForgotten(listener) {
  listeners.push(listener)
}

/** Return the Map of the store meta, null before the first connection. */
export const metaMap = () => metadata

/** Begin with an empty Map of the store meta, after everything was deleted. */
export function emptyMeta() {
  metadata = new Map()
}

/** Return the open database. Throws VersionError when a newer version of the app made it. */
export async function connect() {
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
  for (const listener of listeners) listener()
}

/** Return all rows of the stores of a database that a newer version made, {name: rows}. */
export async function rowsOfNewer(names) {
  const db = await inTime(OPENS, openDB(NAME))
  try {
    const there = names.filter(name => db.objectStoreNames.contains(name))
    const rows = await inTime(OPENS, Promise.all(there.map(name => db.getAll(name))))
    return Object.fromEntries(there.map((name, n) => [name, rows[n]]))
  } finally {
    db.close()
  }
}

// Runs `work` in a transaction, and once more if the browser closed the database under the worker (WebKit
// does so to a suspended app) or if the quota is exhausted and the ballast can make room.
export async function inside(names, mode, work) {
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

/** Run `work` in one transaction, without a second try. */
export async function once(db, names, mode, work) {
  const tx = db.transaction(names, mode, { durability: "strict" })
  // idb rejects `done` at the first error event, when the transaction may not know its reason yet.
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

/** Run `work(tx)` and return what it returns, after the transaction is over. */
export const reading = (names, work) => inside(names, "readonly", work)
export const writing = (names, work) => inside(names, "readwrite", work)
