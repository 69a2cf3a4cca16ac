// What people left on this tablet when others took it over: sealed boxes that only the server opens
// (sync/sealing.js makes them). A row is {id, set: the sealing that it came of, by, key_id, box: bytes,
// at (ms), waiting: unsent acts in it, sha256?: of a photo or recording, wanted?: an act names it,
// handed_at?, refused?}.

import { metaMap, onForgotten, reading, writing } from "./database.js"
import { DAY } from "../rules/display_format.js"
import * as store from "./store.js"
import { STORES } from "./stores.js"

const OWN = ["session", "seal", "rung", "checkpoint", "usable", "whole", "pulled"] // keys of meta
const KEPT = 14 * DAY // as drafts

let known = null // promise of all rows, without their boxes
onForgotten(() => {
  known = null
})

/** Return {acts, drafts, blobs}: the rows of a person that only this tablet has, or had first. */
export const belongings = person =>
  reading(["acts", "drafts", "blobs"], tx => belongingsIn(tx, person))

async function belongingsIn(tx, person) {
  const [acts, drafts, blobs] = await Promise.all(
    ["acts", "drafts", "blobs"].map(name => tx.objectStore(name).getAll()),
  )
  return {
    acts: acts.filter(row => row.by === person),
    drafts: drafts.filter(row => row.by === person),
    blobs: blobs.filter(row => !row.sent_at && isOf(person, row)),
  }
}

const isOf = (person, row) => !row.by || row.by === person

/**
 * Take everything that can be read off the tablet, and put `boxes`, which hold `own`, in its place.
 *
 * Return whether it was done: not if `own` is no longer all there is, for it has to be sealed anew.
 * Without boxes, null, what a person has not sent stays as it is; the records go in any case.
 */
export async function putAway(person, own, boxes) {
  const done = await writing(STORES, async tx => {
    if (boxes && marks(own) !== marks(await belongingsIn(tx, person))) return false
    for (const name of ["view", "base", "find"]) tx.objectStore(name).clear()
    for (const key of OWN) tx.objectStore("meta").delete(key)
    if (boxes) await replace(tx, person, own, boxes)
    else await dropDelivered(tx)
    return true
  })
  if (!done) return false
  for (const key of OWN) metaMap().delete(key)
  known = null
  store.forgetMemory()
  return true
}

const marks = ({ acts, drafts, blobs }) =>
  JSON.stringify([
    acts.map(row => [row._id, row.state]),
    drafts.map(row => [row.key, row.at]),
    blobs.map(row => [row.sha256, row.waiting]),
  ])

async function dropDelivered(tx) {
  for (const name of ["acts", "blobs"]) {
    for (const row of await tx.objectStore(name).getAll()) {
      if (row.sent_at) tx.objectStore(name).delete(row._id ?? row.sha256)
    }
  }
}

async function replace(tx, person, own, boxes) {
  for (const row of own.acts) tx.objectStore("acts").delete(row._id)
  for (const row of own.drafts) tx.objectStore("drafts").delete(row.key)
  // What has arrived is readable too; whoever may see it has it from the server.
  for (const row of await tx.objectStore("blobs").getAll()) {
    if (row.sent_at || isOf(person, row)) tx.objectStore("blobs").delete(row.sha256)
  }
  for (const row of boxes) tx.objectStore("sealed").put(row)
}

/** Return all rows without their boxes, oldest first. */
export async function rows() {
  known ??= reading("sealed", async tx => {
    const all = await tx.store.getAll()
    return all.map(({ box: _box, ...row }) => row).sort((one, other) => one.at - other.at)
  })
  return known
}

/** Return how many acts of others wait here to be handed in. */
export const waitingActs = async () => (await rows()).reduce((sum, row) => sum + unsentIn(row), 0)

/** Return how many unsent acts a row holds still. */
export const unsentIn = row => (row.handed_at ? 0 : row.waiting)

/** Return the bytes of a box. */
export const boxOf = async id => (await reading("sealed", tx => tx.store.get(id)))?.box

/** Remember what became of a box: `how` says {handed_at} or {refused: id of the key it was tried with}. */
export async function note(id, how) {
  await writing("sealed", async tx => {
    const row = await tx.store.get(id)
    if (row) tx.store.put({ ...row, ...how })
  })
  known = null
}

/** Give a person back what was in boxes, all or nothing, and drop the boxes. */
export async function putBack(ids, { acts = [], drafts = [], blobs = [] }) {
  await writing(STORES, tx => {
    for (const row of acts) tx.objectStore("acts").put(row)
    for (const row of drafts) tx.objectStore("drafts").put(row)
    for (const row of blobs) tx.objectStore("blobs").put(row)
    for (const id of ids) tx.objectStore("sealed").delete(id)
  })
  known = null
  store.forgetMemory()
}

/** Delete boxes that hold nothing unsent and that nobody came back for in KEPT days. */
export async function prune(now) {
  const old = (await rows()).filter(row => {
    const open = !row.handed_at && (row.waiting || row.wanted)
    return !open && now - row.at > KEPT
  })
  await writing("sealed", tx => {
    for (const row of old) tx.store.delete(row.id)
  })
  known = null
}

/** Have every box handed in again: the server was restored from a backup that may lack its acts. */
export async function offerAgain() {
  await writing("sealed", async tx => {
    for (const { handed_at: _at, ...row } of await tx.store.getAll()) {
      tx.store.put({ ...row, waiting: row.waiting || row.acts })
    }
  })
  known = null
}
