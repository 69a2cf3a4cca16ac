// What IndexedDB has on a tablet: its stores, made when the app is used there for the first time.

import { SEARCH_VERSION } from "../rules/search.js"

export const LINES_OF = "search_lines" // in meta: which version of the app wrote the store find
export const STORES = ["view", "base", "acts", "drafts", "blobs", "meta", "find"]

export function createStores(db) {
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
