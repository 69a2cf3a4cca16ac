// What transaction_bodies.js makes of a server that was put back, on stores that are plain maps.

import { declarations } from "../../service_worker/generated/declarations.js"
import * as transactions from "../../service_worker/store/transaction_bodies.js"

class Store {
  constructor(key) {
    this.key = key
    this.rows = new Map()
  }
  put(row, key = row[this.key]) {
    this.rows.set(key, structuredClone(row))
  }
  get = key => structuredClone(this.rows.get(key))
  getKey = key => (this.rows.has(key) ? key : undefined)
  delete = key => this.rows.delete(key)
  getAll = () => [...this.rows.values()].map(row => structuredClone(row))
  getAllKeys = () => [...this.rows.keys()]
  openCursor = () => null
  openKeyCursor = () => null
  index(name) {
    const having = value =>
      this.getAll().filter(row => row[name] !== undefined && [undefined, row[name]].includes(value))
    return { get: value => having(value)[0], getAll: having }
  }
}

function tablet() {
  const keys = { view: "_id", base: "_id", acts: "_id", drafts: "key", blobs: "sha256" }
  const stores = new Map(
    ["view", "base", "acts", "drafts", "blobs", "meta", "find"].map(name => [
      name,
      new Store(keys[name]),
    ]),
  )
  return { objectStore: name => stores.get(name) }
}

// The tablet has a record of the server and an act over it; the server is put back to a day before the
// record. Return what is shown once everything was pulled again, the act being refused or taken in.
export async function over(record, act, fate) {
  const tx = tablet()
  await transactions.takePage(tx, declarations, [{ id: record._id, record }], { at: 1, round: 0 })
  await transactions.keepActs(tx, declarations, [act], { keptAt: 2, round: 0 })
  await transactions.offerActs(tx, 0)
  if (fate === "refused") {
    const why = { id: act._id, code: "not_found", say: "" }
    await transactions.refuseAct(tx, declarations, why, { at: 3, round: 1 })
  } else await transactions.settleActs(tx, [act._id], 3)
  await transactions.sweepRecords(tx, declarations, null, 100, 1)
  return {
    shown: tx.objectStore("view").getAllKeys(),
    under: tx.objectStore("base").getAllKeys(),
    act: tx.objectStore("acts").get(act._id),
  }
}

// An act that made a record is kept, and its fate known; the server is put back. Return the act.
export async function offered(act, fate) {
  const tx = tablet()
  await transactions.keepActs(tx, declarations, [act], { keptAt: 2, round: 0 })
  const why = { id: act._id, code: "not_your_place", say: "…" }
  if (fate === "refused") await transactions.refuseAct(tx, declarations, why, { at: 3, round: 0 })
  if (fate === "sent") await transactions.settleActs(tx, [act._id], 3)
  await transactions.offerActs(tx, 0)
  await transactions.sweepRecords(tx, declarations, null, 100, 1)
  return { act: tx.objectStore("acts").get(act._id), shown: tx.objectStore("view").getAllKeys() }
}
