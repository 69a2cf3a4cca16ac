// What IndexedDB has on a tablet: its stores, made when the app is used there for the first time, and
// brought up to date when a newer version of the app opens them.

import { SEARCH_VERSION } from "../rules/search.js"

export const LINES_OF = "search_lines" // in meta: which version of the app wrote the store find
export const STORES = ["view", "base", "acts", "drafts", "blobs", "meta", "find", "sealed"]

/** Make what a database of version `from` (0: none) lacks; `tx` is the transaction of the upgrade. */
export async function createStores(db, from, _to, tx) {
  if (from < 1) createFirst(db)
  db.createObjectStore("sealed", { keyPath: "id" })
  if (from === 1) await giveToOwner(tx)
}

function createFirst(db) {
  db.createObjectStore("view", { keyPath: "_id" }).createIndex("lists", "lists", {
    multiEntry: true,
  })
  db.createObjectStore("base", { keyPath: "_id" })
  const acts = db.createObjectStore("acts", { keyPath: "_id" })
  for (const name of ["token", "record", "waiting", "over", "refused"]) acts.createIndex(name, name)
  db.createObjectStore("drafts", { keyPath: "key" })
  db.createObjectStore("blobs", { keyPath: "sha256" }).createIndex("waiting", "waiting")
  db.createObjectStore("meta").put(SEARCH_VERSION, LINES_OF)
  db.createObjectStore("find")
}

// Drafts and preferences had no owner in version 1: they are those of whoever works at the tablet.
async function giveToOwner(tx) {
  const meta = tx.objectStore("meta")
  const [session, reader, prefs] = await Promise.all(
    ["session", "reader", "prefs"].map(key => meta.get(key)),
  )
  const by = session?.person._id ?? reader
  const drafts = tx.objectStore("drafts")
  const rows = await drafts.getAll()
  await drafts.clear()
  if (!by) return
  for (const row of rows) drafts.put({ ...row, key: draftKey(by, row.key), by })
  if (prefs) meta.put(prefs, prefsKey(by))
  meta.delete("prefs")
}

/** Return the key under which a person's draft is stored: others never meet it. */
export const draftKey = (person, key) => `${person} ${key}`

/** Return the key of meta under which a person's preferences are remembered. */
export const prefsKey = person => `prefs ${person}`
