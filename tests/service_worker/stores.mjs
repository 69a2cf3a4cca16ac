// The stores of a tablet as plain maps, for keeping.js, in a Node that has no IndexedDB.

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
  clear = () => this.rows.clear()
  getAll = () => [...this.rows.values()].map(row => structuredClone(row))
  getAllKeys = () => [...this.rows.keys()]
  openCursor = () => null
  index(name) {
    const having = value =>
      this.getAll().filter(row => row[name] !== undefined && [undefined, row[name]].includes(value))
    return { get: value => having(value)[0], getAll: having }
  }
}

/** Return what stands for a transaction over all stores of a new tablet. */
export function tablet() {
  const keys = { view: "_id", base: "_id", acts: "_id", drafts: "key", blobs: "sha256" }
  const stores = new Map(
    ["view", "base", "acts", "drafts", "blobs", "meta", "find"].map(name => [
      name,
      new Store(keys[name]),
    ]),
  )
  return { objectStore: name => stores.get(name) }
}
