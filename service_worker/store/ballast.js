// Room put aside on the device, given up so that a full tablet can still keep the last words.
//
// It lies in the Cache Storage: what is removed there is free at once, in IndexedDB only much later.

import { within } from "../base/limits.js"

const NAME = "ballast"
const PATH = "/ballast"
const GIVES_UP = 2_000 // ms; the words that wait for the room cannot wait longer
const BYTES = 2 * 1024 * 1024

/** Put it aside, unless it is there. */
export async function keepBallast() {
  const cache = await caches.open(NAME)
  if (await cache.match(PATH)) return
  await cache.put(PATH, new Response(noise(BYTES)))
}

/** Give it up; return whether there was any. */
export const dropBallast = () =>
  within(
    GIVES_UP,
    caches.open(NAME).then(cache => cache.delete(PATH)),
  )

// Not zeros: a disk that compresses would put nothing aside.
function noise(bytes) {
  const block = crypto.getRandomValues(new Uint8Array(65_536)) // as much as one call may ask for
  const all = new Uint8Array(bytes)
  for (let at = 0; at < bytes; at += block.length) all.set(block, at)
  return all
}
