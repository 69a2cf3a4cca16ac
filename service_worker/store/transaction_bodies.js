// The bodies of the database's transactions: what is read and written together when acts are kept, a
// page of changes arrives, or an act is refused. Optimistic: the store `view` holds a record with own
// acts folded over it at once, `base` the server's record below them, until the server has them.
//
// An act row is {_id, act, record, token, state: waiting|sent|refused, kept_at, …}. `waiting` is there
// while it is to be sent and `over` while it lies over the server's record: IndexedDB leaves a row
// without the key out of an index, so these two indexes stay small.
//
// Nothing here may await anything but requests of `tx`: a transaction that has none commits by itself.

import { readings } from "../base/pinyin.js"
import { apply, before as comesBefore } from "../rules/fold.js"
import { namedBy } from "../rules/blob_refs.js"
import { chanceOf } from "../rules/gesture_ids.js"
import { listKeys } from "../rules/list_keys.js"
import { draftKey } from "./stores.js"
import { countLines, isFull, lineOf, searchTexts, SPELT, withoutLine } from "../rules/search.js"
import { fullTexts, searchedTexts } from "../rules/search_words.js"

/**
 * Write a gesture: all its acts, their records, and the end of its draft.
 *
 * Return {acts, repeated, kept: [rows], changes, segments}. A gesture that was kept before changes
 * nothing: the worker may have been killed between the commit and its answer, and the form sent again.
 */
export async function keepActs(tx, declarations, acts, { draft = null, keptAt, round }) {
  const earlier = await tx.objectStore("acts").index("token").get(chanceOf(acts[0]._id))
  if (earlier) return { acts: await sameGesture(tx, acts), repeated: true }
  const writer = new Writer(tx, declarations, round)
  const kept = []
  for (const act of acts) {
    const before = await tx.objectStore("view").get(act.record)
    if (!(await tx.objectStore("base").getKey(act.record))) {
      const base = { record: before?.record ?? null, round: before?.round ?? round }
      tx.objectStore("base").put({ _id: act.record, ...base })
    }
    await writer.put(apply(declarations, before?.record ?? null, act), before)
    const row = { _id: act._id, act, record: act.record, by: act.by, token: chanceOf(act._id) }
    const gesture = acts.map(each => each._id)
    const fate = { state: "waiting", waiting: keptAt, over: act.record, kept_at: keptAt }
    kept.push({ ...row, gesture, ...fate })
    tx.objectStore("acts").put(kept.at(-1))
    await wantBlobs(tx, declarations, act)
  }
  if (draft) tx.objectStore("drafts").delete(draftKey(acts[0].by, draft))
  return { acts, repeated: false, kept, ...writer.finish() }
}

async function sameGesture(tx, acts) {
  const rows = await Promise.all(
    acts.map(act => tx.objectStore("acts").index("token").get(chanceOf(act._id))),
  )
  return rows.filter(Boolean).map(row => row.act)
}

// A blob is sent once an act names it; the photos of a draft that was given up never are.
async function wantBlobs(tx, declarations, act) {
  for (const hash of namedBy(declarations, act.act.split(".")[0], act.data)) {
    const blob = await tx.objectStore("blobs").get(hash)
    if (blob && !blob.sent_at) tx.objectStore("blobs").put({ ...blob, waiting: 1, by: act.by })
  }
}

/**
 * Write a page of the server's changes, [{id, record or null}]; null is for what is gone.
 *
 * Own acts that the server has not got yet are folded over its records again. `fresh` is the set of
 * ids that a first sync has written so far: others cannot be there, so their read is saved; null reads
 * always. `at` (ms) is this device's clock, `round` the number of the full pull that this belongs to.
 * Return {changes, segments, settled: ids of own acts that have arrived}.
 */
export async function takePage(tx, declarations, rows, { fresh = null, at, round }) {
  const lying = Map.groupBy(await tx.objectStore("acts").index("over").getAll(), row => row.over)
  const olds = await Promise.all(
    rows.map(({ id }) => {
      const isNew = fresh && !fresh.has(id) && !lying.has(id)
      return isNew ? undefined : tx.objectStore("view").get(id)
    }),
  )
  const writer = new Writer(tx, declarations, round)
  const settled = []
  for (const [n, { id, record }] of rows.entries()) {
    fresh?.add(id)
    if (record?.type === "refusal") settled.push(...(await settleAdmitted(tx, record, at)))
    const own = lying.get(id) ?? []
    if (record === null) {
      if (own.length) tx.objectStore("base").delete(id)
      for (const row of own) putSettled(tx, row, false, at)
      await writer.remove(id, olds[n])
      continue
    }
    const includes = new Set(record.acts?.recent?.map(entry => entry.id))
    const over = []
    for (const row of own) {
      if (row.state === "sent" || includes.has(row._id)) {
        putSettled(tx, row, true, at)
        settled.push(row._id)
      } else over.push(row.act)
    }
    if (over.length) tx.objectStore("base").put({ _id: id, record, round })
    else if (own.length) tx.objectStore("base").delete(id)
    await writer.put(layered(declarations, record, over), olds[n])
  }
  return { ...writer.finish(), settled }
}

// The office admitted a refused act after all, so it has arrived. A refusal's id ends as its act's does.
async function settleAdmitted(tx, refusal, at) {
  if (refusal.state !== "admitted") return []
  const row = await tx.objectStore("acts").get(`act:${refusal._id.split(":")[1]}`)
  if (row?.state !== "refused") return []
  const { refused: _refused, code: _code, say: _say, ...rest } = row
  tx.objectStore("acts").put({ ...rest, state: "sent", sent_at: at, admitted: true })
  return [row._id]
}

// The act lies over nothing any more. If it has `arrived` it may still count as unsent here: the push's
// answer was lost on the way, and the pull is the first to tell.
function putSettled(tx, row, arrived, at) {
  const rest = { ...row }
  delete rest.over
  if (arrived && rest.state === "waiting") {
    delete rest.waiting
    Object.assign(rest, { state: "sent", sent_at: at })
  }
  tx.objectStore("acts").put(rest)
}

/** Return the record with acts folded over it in their one order; null when there is nothing at all. */
export function layered(declarations, record, acts) {
  const includes = new Set(record?.acts?.recent?.map(entry => entry.id))
  return acts
    .filter(act => !includes.has(act._id))
    .sort((one, other) => (comesBefore(declarations, one, other) ? -1 : 1))
    .reduce((folded, act) => apply(declarations, folded, act), record)
}

/**
 * Mark acts as sent. They lie over their records until a pull brings those: what a person entered must
 * not vanish from the screen between the push and the pull.
 */
export async function settleActs(tx, ids, at) {
  const rows = await Promise.all(ids.map(id => tx.objectStore("acts").get(id)))
  for (const row of rows.filter(Boolean)) {
    delete row.waiting
    tx.objectStore("acts").put({ ...row, state: "sent", sent_at: at })
  }
  return { settled: ids }
}

/** Mark an act as refused and fold its record anew without it. */
export async function refuseAct(tx, declarations, { id, code, say }, { at, round }) {
  const row = await tx.objectStore("acts").get(id)
  if (!row) return {}
  delete row.waiting
  delete row.over
  const refused = { ...row, state: "refused", refused: at, code, say }
  tx.objectStore("acts").put(refused)
  const over = await tx.objectStore("acts").index("over").getAll(row.record)
  const base = await tx.objectStore("base").get(row.record)
  const before = await tx.objectStore("view").get(row.record)
  if (!base) return { refused }
  const others = over.filter(other => other._id !== id).map(other => other.act)
  if (others.length === 0) tx.objectStore("base").delete(row.record)
  const writer = new Writer(tx, declarations, round)
  // What lay below may be of an earlier round: a restored server does not have that record any more.
  const isGone = others.length === 0 && (base.round ?? round) !== round
  const record = isGone ? null : layered(declarations, base.record, others)
  if (record) await writer.put(record, before)
  else await writer.remove(row.record, before)
  return { ...writer.finish(), refused }
}

/**
 * Remove a page of records that this round's full pull did not bring; `next` is where to go on.
 *
 * Own acts over a removed record lie over nothing; a record that only own acts made (its base is null)
 * stays, for the server never had it.
 */
export async function sweepRecords(tx, declarations, range, many, round) {
  const rows = await tx.objectStore("view").getAll(range, many)
  const bases = new Map((await tx.objectStore("base").getAll()).map(base => [base._id, base]))
  const writer = new Writer(tx, declarations, round)
  for (const row of rows) {
    const base = bases.get(row._id)
    if (base?.record === null || (base ?? row).round === round) continue
    if (base) await uncover(tx, row._id)
    await writer.remove(row._id, row)
  }
  writer.finish()
  return { rows: [], next: rows.length < many ? null : rows.at(-1)._id }
}

async function uncover(tx, id) {
  tx.objectStore("base").delete(id)
  for (const row of await tx.objectStore("acts").index("over").getAll(id)) {
    putSettled(tx, row, false)
  }
}

/** Return {rows: [[id, rev]], next}: a page of records as the server last sent them. */
export async function heldPage(tx, range, many) {
  const [shown, bases] = await Promise.all([
    tx.objectStore("view").getAll(range, many),
    tx.objectStore("base").getAll(),
  ])
  const base = new Map(bases.map(row => [row._id, row.record]))
  const rows = shown
    .map(row => [row._id, base.has(row._id) ? base.get(row._id) : row.record])
    .filter(([, record]) => record !== null)
    .map(([id, record]) => [id, record._rev])
  return { rows, next: shown.length < many ? null : shown.at(-1)._id }
}

/** Write the search lines of a page of records anew; `next` is where to go on. */
export async function indexPage(tx, declarations, range, many) {
  const rows = await tx.objectStore("view").getAll(range, many)
  const writer = new Writer(tx, declarations, null)
  for (const { segment: before, ...row } of rows) {
    const segment = await writer.index(row._id, writer.texts(row.record), before)
    if (segment !== before) writer.view.put(segment === undefined ? row : { ...row, segment })
  }
  writer.finish()
  return { rows: [], next: rows.length < many ? null : rows.at(-1)._id }
}

/** Return all search segments of a range, those of a sort, by their numbers. */
export async function readSegments(tx, range) {
  const [keys, texts] = await Promise.all([tx.store.getAllKeys(range), tx.store.getAll(range)])
  const all = []
  for (const [n, [, number]] of keys.entries()) all[number] = texts[n]
  return all
}

/** Return a page of a list's rows, the latest first if `reverse`. */
export async function listPage(tx, range, limit, reverse) {
  const index = tx.store.index("lists")
  return reverse ? latest(index, range, limit) : index.getAll(range, limit)
}

/** Return up to `limit` rows of a store or an index, the latest first. */
export async function latest(source, range, limit) {
  const rows = []
  let cursor = await source.openCursor(range, "prev")
  while (cursor && rows.length < limit) {
    rows.push(cursor.value)
    cursor = await cursor.continue()
  }
  return rows
}

/** Delete own acts and blobs that arrived `sent` ms ago, and drafts older than `drafts` ms. */
export async function pruneOwn(tx, now, { sent, drafts }) {
  const acts = tx.objectStore("acts")
  for (const row of await acts.getAll()) {
    const over = row.state === "sent" ? row.sent_at : row.seen_at
    if (over && now - over > sent) acts.delete(row._id)
  }
  const blobs = tx.objectStore("blobs")
  for (const row of await blobs.getAll()) {
    const over = row.waiting ? null : (row.sent_at ?? row.kept_at)
    if (over && now - over > sent) blobs.delete(row.sha256)
  }
  for (const row of await tx.objectStore("drafts").getAll()) {
    if (now - row.at > drafts) tx.objectStore("drafts").delete(row.key)
  }
}

/**
 * Put acts kept since `since` (ms) back into the outbox: the server was restored from a backup that may
 * lack what it had acknowledged. Return how many. Sending what it has is harmless: ids are unique.
 */
export async function offerActs(tx, since) {
  const rows = await tx.objectStore("acts").getAll()
  // What was refused is offered too: the server kept it for the office, and lost that as well.
  const again = rows.filter(row => row.state !== "waiting" && row.kept_at >= since)
  for (const { refused: _refused, code: _code, say: _say, ...row } of again) {
    const fate = { state: "waiting", waiting: row.kept_at, over: row.record }
    tx.objectStore("acts").put({ ...row, ...fate })
  }
  const blobs = tx.objectStore("blobs")
  for (const { sent_at: sent, ...blob } of await blobs.getAll()) {
    if (sent >= since) blobs.put({ ...blob, waiting: 1 }) // an upload first asks what is there
  }
  return again.length
}

// Writes records together with their list keys and their line in the search segments, and collects the
// changes for the memory. A segment is written once, however many of its lines a page changes.
class Writer {
  constructor(tx, declarations, round) {
    this.view = tx.objectStore("view")
    this.find = tx.objectStore("find")
    this.declarations = declarations
    this.round = round
    this.changes = []
    this.segments = new Map()
    this.written = new Set()
    this.last = null
  }

  async put(record, before) {
    const texts = this.texts(record)
    const old = before ? this.texts(before.record) : []
    const isSame = JSON.stringify(texts) === JSON.stringify(old)
    const segment = isSame ? before?.segment : await this.index(record._id, texts, before?.segment)
    const lists = listKeys(this.declarations, record)
    const row = { _id: record._id, record, lists, round: this.round }
    if (segment !== undefined) row.segment = segment
    this.view.put(row)
    this.changes.push({ id: record._id, record, type: record.type })
  }

  texts(record) {
    return [searchedTexts(this.declarations, record), fullTexts(this.declarations, record)]
  }

  /** Write the line of a record, and return its segment; `segment` has the one before. */
  async index(id, texts, segment) {
    if (segment !== undefined) await this.cut(segment, id)
    const lines = searchTexts(readings(), ...texts)
    return lines ? this.add(id, lines) : undefined
  }

  async remove(id, before) {
    if (!before) return
    if (before.segment !== undefined) await this.cut(before.segment, id)
    this.view.delete(id)
    this.changes.push({ id, record: null, type: before.record.type })
  }

  /** Write each segment once, however many lines of it changed; return what memory has to learn. */
  finish() {
    const segments = new Map()
    for (const number of this.written) {
      const texts = this.segments.get(number)
      segments.set(number, texts)
      for (const [sort, text] of texts.entries()) this.find.put(text, [sort, number])
    }
    return { changes: this.changes, segments }
  }

  // Private

  async add(id, lines) {
    if (this.last === null) await this.findLast()
    if (isFull(this.segments.get(this.last), this.lines)) {
      this.last += 1
      this.lines = 0
    }
    this.lines += 1
    const texts = this.segments.get(this.last) ?? ["", ""]
    this.write(
      this.last,
      texts.map((text, sort) => text + lineOf(id, lines[sort])),
    )
    return this.last
  }

  async cut(number, id) {
    const before = await this.read(number)
    const texts = before.map(text => withoutLine(text, id))
    if (texts[SPELT] === before[SPELT]) return // another version's line, cleared away before
    this.write(number, texts)
    if (number === this.last) this.lines -= 1
  }

  async findLast() {
    const cursor = await this.find.openKeyCursor(null, "prev")
    this.last = cursor?.key[1] ?? 0 // another version's keys are numbers
    this.lines = countLines((await this.read(this.last))[SPELT])
  }

  async read(number) {
    if (!this.segments.has(number)) {
      const texts = await Promise.all([0, SPELT].map(sort => this.find.get([sort, number])))
      this.segments.set(
        number,
        texts.map(text => text ?? ""),
      )
    }
    return this.segments.get(number)
  }

  write(number, texts) {
    this.segments.set(number, texts)
    this.written.add(number)
  }
}
