// One turn of replication that every open page hears of: how far it is, and how it went.

import { sync } from "./replicate.js"

const channel = new BroadcastChannel("floorwalk")

/** Tell every page of this tablet. */
export function broadcast(message) {
  channel.postMessage(message)
}

/** Run one turn of replication and tell every page how it went. */
export async function syncNow(options = {}) {
  const went = await sync({ ...options, heard: broadcast })
  broadcast({ type: "synced", ...went })
  return went
}

/** Run one turn for the browser's own background sync; throws when it did not come to its end. */
export async function syncOrFail() {
  const { state } = await syncNow()
  if (state !== "ok") throw new Error(state)
}
