// What is kept at hand beside the database: right, because only this worker writes.

import { RUNNING, hasClock, listBounds } from "./lists.js"

export class Memory {
  constructor(declarations) {
    this.declarations = declarations
    this.reference = new Map() // people, places, doctors, settings, calendars by id
    this.running = new Map() // records with a clock, by id
    this.waiting = new Map() // own acts still to be sent, by id
    this.refused = new Map() // own acts that the server would not have, by id
    this.segments = null // search lines; read when somebody is about to search
    this.version = 0 // of the reference records: who computes from them asks whether it moved
  }

  /** Read everything in one transaction of view and acts; `between` makes a range of keys. */
  async load(tx, between) {
    const view = tx.objectStore("view")
    const acts = tx.objectStore("acts")
    const kinds = Object.keys(this.declarations.records).filter(kind => this.isReference(kind))
    const [running, waiting, refused, ...reference] = await Promise.all([
      view.index("lists").getAll(between(...listBounds(RUNNING))),
      acts.index("waiting").getAll(),
      acts.index("refused").getAll(),
      ...kinds.map(kind => view.getAll(between(`${kind}:`, `${kind};`))),
    ])
    for (const row of running) this.running.set(row._id, row.record)
    for (const row of waiting) this.waiting.set(row._id, row)
    for (const row of refused) this.refused.set(row._id, row)
    for (const row of reference.flat()) this.reference.set(row._id, row.record)
    this.version += 1
    return this
  }

  /** Learn what a transaction changed, after it was committed. */
  take({ changes = [], segments = new Map(), kept = [], settled = [], refused = null }) {
    for (const { id, record, type } of changes) {
      if (this.isReference(type)) {
        put(this.reference, id, record)
        this.version += 1
      }
      put(this.running, id, record && hasClock(this.declarations, record) ? record : null)
    }
    for (const row of kept) this.waiting.set(row._id, row)
    for (const id of settled) {
      this.waiting.delete(id)
      this.refused.delete(id) // the office took it in after all
    }
    if (refused) {
      this.waiting.delete(refused._id)
      this.refused.set(refused._id, refused)
    }
    if (this.segments) for (const [number, text] of segments) this.segments[number] = text
  }

  /** Say how a record stands with the network: kept, sent or refused. */
  mark(id) {
    for (const row of this.refused.values()) if (row.record === id && !row.seen_at) return "refused"
    for (const row of this.waiting.values()) if (row.record === id) return "kept"
    return "sent"
  }

  isReference(kind) {
    return this.declarations.records[kind]?.reference === true
  }
}

function put(map, id, record) {
  if (record === null) map.delete(id)
  else map.set(id, record)
}
