// The session of the person at this tablet, as the server confirmed it last. It is stored, so that a cold
// start without a network knows who works here. The server is asked again by the first turn of a worker's
// life, and after somebody signed in or out.

import * as store from "../store/store.js"
import { broadcast } from "./broadcast.js"
import { sealAway } from "./sealing.js"
import { askServer } from "./server_request.js"

export const GONE = "deactivated" // code of a 401: the account is not active any more
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
    if (answer.code === GONE) await forgetPerson()
    if (store.meta("doubt")) await store.remember({ session: undefined, doubt: undefined })
    return "signed_out"
  }
  if (answer.trouble || !answer.body?.person) return "unknown"
  const before = current()
  const person = answer.body.person
  const session = { person, site: answer.body.site ?? site, at: answer.now }
  const seal = answer.body.seal && { ...answer.body.seal, person: person._id }
  // On a shared tablet another person has other rights, and what the one before had is not for them.
  if (store.meta("reader") !== person._id) {
    await sealAway()
    broadcast({ type: "left" })
  }
  const known = { session, seal, site: session.site, reader: person._id, doubt: undefined }
  await store.remember(known)
  return before?.person._id === person._id ? "same" : "changed"
}

/** The person may not work here any more: nothing of what they saw can be read on the tablet now. */
export async function forgetPerson() {
  await sealAway()
  broadcast({ type: "left", atOnce: true })
}

/**
 * Sign out here: what is unsent is sealed, or deleted if `erase` was chosen; all else is deleted.
 *
 * Return whether the server knows; without a network it is told at the next turn, before anything else.
 */
export async function signOut({ erase = false } = {}) {
  const [site, device] = [store.meta("site"), store.meta("device")]
  await (erase ? store.eraseAll() : sealAway())
  broadcast({ type: "left" })
  await store.remember({ site, device, session: undefined, leaving: true })
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
