// What pages ask the worker: messages with a port to answer on. What every page is told without asking
// goes through `broadcast`.

import { onKept } from "./screens/acts.js"
import { version } from "./generated/version.js"
import { isTurning, settled } from "./sync/replicate.js"
import { current } from "./sync/session.js"
import * as store from "./store/store.js"
import { broadcast, syncNow } from "./sync/sync_turn.js"

const TAG = "floorwalk-acts"

// Something was kept: other pages show it, and whoever leads sends it.
onKept(ids => {
  broadcast({ type: "kept", ids })
  self.registration.sync?.register(TAG).catch(() => {})
})

const ANSWERS = {
  /** Somebody is listening, and which version it is. */
  ping: () => ({ version }),
  /** What a new page needs to know before it may show anything. */
  state: async () => {
    await store.ready()
    return {
      version,
      site: store.meta("site"),
      checkpoint: store.meta("checkpoint"),
      turning: isTurning(),
      usable: Boolean(store.meta("usable")),
      person: current()?.person._id,
    }
  },
  /** The bootstrap page says which site this is. */
  begin: async ({ site }) => {
    await store.ready()
    await store.remember({ site })
    return syncNow({ force: true })
  },
  sync: ({ force, check }) => syncNow({ force, check }),
  /** A new version is about to take over: finish what runs, so that it can. */
  drain: async () => {
    await settled()
    return { drained: true }
  },
  takeOver: async () => {
    await self.skipWaiting()
    return { version }
  },
  persisted: async ({ value }) => {
    await store.ready()
    if (store.meta("persisted") !== value) await store.remember({ persisted: value })
    return {}
  },
}

/** Answer a message on its port. */
export async function hear(event) {
  const answer = ANSWERS[event.data?.type]
  if (!answer) return
  let said
  try {
    said = await answer(event.data)
  } catch (error) {
    said = { error: String(error.message ?? error) }
  }
  event.ports[0]?.postMessage(said)
}
