// The session of the person at this tablet, as the server confirmed it last. It is stored, so that a cold
// start without a network knows who works here. The server is asked again by the first turn of a worker's
// life, and after somebody signed in or out.

import * as store from "../store/store.js"
import { askServer } from "./server_request.js"

const PATIENCE = 2500 // ms that a page waits for the server to say who signed in just now

/** Return {person, site, at (ms, the server's clock)}, or null when nobody is signed in. */
export const current = () => store.meta("session") ?? null

/**
 * Note that somebody signs in or out just now, so that the stored session may be wrong.
 *
 * The note itself is stored: the worker may be stopped before the server has answered.
 */
export function doubtSession() {
  doubting = store.ready().then(() => store.remember({ doubt: true, leaving: undefined }))
  return doubting
}

let doubting = null

/** Ask the server who is signed in if there is a doubt. Without a network the stored session stands. */
export async function settleDoubt() {
  await doubting
  if (!store.meta("doubt")) return
  await confirmSession({ patience: PATIENCE })
}

/**
 * Ask the server who is signed in, and delete the records when it is somebody else.
 *
 * Return "same", "changed", "signed_out" or "unknown" (no network). A sign-in that ran out is no
 * reason to stop working here: only after somebody signed in or out is a person forgotten.
 */
export async function confirmSession({ patience, site = store.meta("site") } = {}) {
  if (!site) return "unknown"
  const answer = await askServer(`/sync/${site}/_session`, { patience })
  if (answer.trouble === "signed_out") {
    if (store.meta("doubt")) await store.remember({ session: undefined, doubt: undefined })
    return "signed_out"
  }
  if (answer.trouble || !answer.body?.person) return "unknown"
  const before = current()
  const person = answer.body.person
  const session = { person, site: answer.body.site ?? site, at: answer.now }
  // On a shared tablet another person has other rights: the records of the one before are not for them.
  if (store.meta("reader") !== person._id) await store.clearRecords()
  await store.remember({ session, site: session.site, reader: person._id, doubt: undefined })
  return before?.person._id === person._id ? "same" : "changed"
}

/**
 * Sign out here: delete everything if nothing is unsent or `erase` was chosen, else keep it.
 *
 * Return whether the server knows; without a network it is told at the next turn, before anything else.
 */
export async function signOut({ erase = false } = {}) {
  const unsent = (await store.atHand()).waiting.size
  const site = store.meta("site")
  const device = store.meta("device")
  if (erase || unsent === 0) {
    await store.eraseAll()
    await store.remember({ site, device })
  }
  await store.remember({ session: undefined, leaving: true })
  return deliverSignOut()
}

/** Send a sign-out that the server has not got yet. Return whether it knows now. */
export async function deliverSignOut() {
  if (!store.meta("leaving")) return true
  const answer = await askServer("/sign-out", {
    method: "POST",
    patience: PATIENCE,
    anyAnswer: true,
  })
  const isKnown = !answer.trouble || answer.trouble === "signed_out"
  if (isKnown) await store.remember({ leaving: undefined })
  return !store.meta("leaving")
}
