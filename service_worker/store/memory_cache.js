// In-memory cache beside the database: reference records, records with a running deadline, unsent acts.
// It needs no invalidation, because this worker is the only writer and tells it what was committed; it
// goes with the worker and is loaded anew.

import { RUNNING, hasDeadline, listBounds } from "../rules/list_keys.js"

const RECORDS = 200 // used last (LRU): one tap reads the same record several times
const OWN = 50 // acts; undo asks for the last gesture only

export class Memory {
  constructor(declarations) {
    this.declarations = declarations
    this.reference = new Map() // people, places, doctors, settings, calendars by id
    this.running = new Map() // records with a running deadline, by id
    this.waiting = new Map() // own acts still to be sent, by id
    this.refused = new Map() // own acts that the server would not have, by id
    this.own = new Map() // the acts kept last, in any state, oldest first: for undo
    this.records = new Map() // some records by id
    this.taken = 0 // transactions learnt from: a read that began before the last one may be old
    this.segments = [] // search lines by sort; read when somebody is about to search
    this.version = 0 // of the reference records: what is computed from them is valid for one version
  }

  /**
   * Read everything in one transaction of view and acts, a consistent snapshot. `keyRange(first, last)`
   * makes a range of keys; acts from the id `ownSince` on count as kept last.
   */
  async load(tx, keyRange, ownSince) {
    const view = tx.objectStore("view")
    const acts = tx.objectStore("acts")
    const kinds = Object.keys(this.declarations.records).filter(kind => this.isReference(kind))
    const [running, waiting, refused, own, ...reference] = await Promise.all([
      view.index("lists").getAll(keyRange(...listBounds(RUNNING))),
      acts.index("waiting").getAll(),
      acts.index("refused").getAll(),
      acts.getAll(keyRange(ownSince, "act;")), // ";" follows ":"
      ...kinds.map(kind => view.getAll(keyRange(`${kind}:`, `${kind};`))),
    ])
    for (const row of running) this.running.set(row._id, row.record)
    for (const row of waiting) this.waiting.set(row._id, row)
    for (const row of refused) this.refused.set(row._id, row)
    for (const row of own) this.own.set(row._id, row)
    for (const row of reference.flat()) this.reference.set(row._id, row.record)
    this.version += 1
    return this
  }

  /** Apply what a transaction changed, after its commit: the value that its function returned. */
  take({ changes = [], segments = new Map(), kept = [], settled = [], refused = null }) {
    this.taken += 1
    for (const { id, record, type } of changes) {
      if (kept.length || this.records.has(id)) this.hold(id, record)
      if (this.isReference(type)) {
        put(this.reference, id, record)
        this.version += 1
      }
      put(this.running, id, record && hasDeadline(this.declarations, record) ? record : null)
    }
    for (const row of kept) {
      this.waiting.set(row._id, row)
      this.own.set(row._id, row)
      limit(this.own, OWN)
    }
    for (const id of settled) {
      this.waiting.delete(id)
      this.refused.delete(id) // the office took it in after all
    }
    if (refused) {
      this.waiting.delete(refused._id)
      this.refused.set(refused._id, refused)
      if (this.own.has(refused._id)) this.own.set(refused._id, refused)
    }
    for (const [number, texts] of segments) {
      for (const [sort, text] of texts.entries()) {
        if (this.segments[sort]) this.segments[sort][number] = text
      }
    }
  }

  /** Return a cached record, null for one that is known to be absent, undefined for one not cached. */
  record(id) {
    if (this.records.has(id)) return this.records.get(id)
    return this.running.get(id) ?? this.reference.get(id)
  }

  /** Cache a record, or its absence (null), as the one used last. */
  hold(id, record) {
    this.records.delete(id)
    this.records.set(id, record)
    limit(this.records, RECORDS)
  }

  /** Return the sync state of a record, the worst of its own acts': refused, kept (unsent) or sent. */
  mark(id) {
    for (const row of this.refused.values()) if (row.record === id && !row.seen_at) return "refused"
    for (const row of this.waiting.values()) if (row.record === id) return "kept"
    return "sent"
  }

  isReference(kind) {
    return this.declarations.records[kind]?.reference === true
  }
}

function limit(map, most) {
  if (map.size > most) map.delete(map.keys().next().value)
}

function put(map, id, record) {
  if (record === null) map.delete(id)
  else map.set(id, record)
}
