// Runs a replication turn on behalf of the pages and broadcasts its progress and its result to all of them
// (BroadcastChannel).

import { broadcast } from "./broadcast.js"
import { sync } from "./replicate.js"

/**
 * Run one turn (options of `sync`) and broadcast how it went; return {state, more, retryIn, changed,
 * pushed}.
 */
export async function syncNow(options = {}) {
  const result = await sync({ ...options, notify: broadcast })
  broadcast({ type: "synced", ...result })
  return result
}

/**
 * Run one turn for the Background Sync API, which tries again later if the promise is rejected: so it
 * throws.
 */
export async function syncOrFail() {
  const { state } = await syncNow()
  if (state !== "ok") throw new Error(state)
}
