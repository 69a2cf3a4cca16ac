// Answers the messages that pages post to the worker, each with a MessagePort for the reply: state of
// the replication, run a turn, let a new version take over. What every page hears unasked goes through
// `broadcast`.

import { onKept } from "./screens/acts.js"
import { version } from "./generated/version.js"
import { isTurning, settled } from "./sync/replicate.js"
import { current } from "./sync/session.js"
import * as store from "./store/store.js"
import { broadcast } from "./sync/broadcast.js"
import { syncNow } from "./sync/sync_turn.js"

const TAG = "floorwalk-acts" // of the Background Sync registration

// An act was kept: other pages show it, and the leading page has it sent. Background Sync is the
// fallback if every page is closed before that; browsers other than Chromium lack it.
onKept(ids => {
  broadcast({ type: "kept", ids })
  self.registration.sync?.register(TAG).catch(() => {})
})

const ANSWERS = {
  /**
   * A sign of life: the reply is {version}. Each one also keeps the browser from stopping an idle
   * worker.
   */
  ping: () => ({ version }),
  /** How far this tablet is: what a page needs to know before it may show or ask for anything. */
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
  /** First sync of a new tablet: the bootstrap page says which site this is. */
  begin: async ({ site }) => {
    await store.ready()
    await store.remember({ site })
    return syncNow({ force: true })
  },
  /** Run a replication turn, or join the one that runs; the reply is how it went. */
  sync: ({ force, check }) => syncNow({ force, check }),
  /**
   * Wait for the running turn: skipWaiting does not activate a new worker while an event of this one
   * runs.
   */
  drain: async () => {
    await settled()
    return { drained: true }
  },
  /** Sent to the waiting worker: become the active one. */
  takeOver: async () => {
    await self.skipWaiting()
    return { version }
  },
  /** Whether the browser promised not to evict the data; only a page can ask it. */
  persisted: async ({ value }) => {
    await store.ready()
    if (store.meta("persisted") !== value) await store.remember({ persisted: value })
    return {}
  },
}

/** Answer a message event on its port with a plain object; {error} if the handler throws. */
export async function answerMessage(event) {
  const answer = ANSWERS[event.data?.type]
  if (!answer) return
  let reply
  try {
    reply = await answer(event.data)
  } catch (error) {
    reply = { error: String(error.message ?? error) }
  }
  event.ports[0]?.postMessage(reply)
}
