// Reserved disk space (a ballast file): deleted when the quota is exhausted, so that a full tablet can
// still write acts, which are small.
//
// It lies in the Cache Storage: bytes deleted there are free at once, in IndexedDB only after LevelDB's
// next compaction.

import { within } from "../base/time_limits.js"

const NAME = "ballast"
const PATH = "/ballast"
const GIVES_UP = 2_000 // ms; the words that wait for the room cannot wait longer
const BYTES = 2 * 1024 * 1024 // thousands of acts

/** Reserve the space, unless it is reserved. */
export async function keepBallast() {
  const cache = await caches.open(NAME)
  if (await cache.match(PATH)) return
  await cache.put(PATH, new Response(noise(BYTES)))
}

/** Release the space; return whether any was reserved, null when the cache did not answer in time. */
export const dropBallast = () =>
  within(
    GIVES_UP,
    caches.open(NAME).then(cache => cache.delete(PATH)),
  )

// Random bytes: a disk that compresses would reserve nothing for zeros.
function noise(bytes) {
  const block = crypto.getRandomValues(new Uint8Array(65_536)) // the most that one call may fill
  const all = new Uint8Array(bytes)
  for (let at = 0; at < bytes; at += block.length) all.set(block, at)
  return all
}
