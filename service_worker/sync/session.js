// Who is signed in on this tablet. The server says it once; a cold start without a network knows it.

import * as store from "../store/store.js"
import { askServer } from "./server_request.js"

const PATIENCE = 2500 // ms that a page waits for the server to say who signed in just now

/** Return {person, site, at} or null. */
export const current = () => store.meta("session") ?? null

/** Somebody signs in or out just now: what is remembered may no longer be true. */
export function doubt() {
  doubting = store.ready().then(() => store.remember({ doubt: true, leaving: undefined }))
  return doubting
}

let doubting = null

/** Ask the server who is signed in if there is a doubt. Without a network what is remembered stands. */
export async function settleDoubt() {
  await doubting
  if (!store.meta("doubt")) return
  await confirm({ patience: PATIENCE })
}

/**
 * Ask the server who is signed in, and make room when it is somebody else.
 *
 * Return "same", "changed", "signed_out" or "unknown" (no network). A sign-in that ran out is no
 * reason to stop working here: only after somebody signed in or out is a person forgotten.
 */
export async function confirm({ patience, site = store.meta("site") } = {}) {
  if (!site) return "unknown"
  const said = await askServer(`/sync/${site}/_session`, { patience })
  if (said.trouble === "signed_out") {
    if (store.meta("doubt")) await store.remember({ session: undefined, doubt: undefined })
    return "signed_out"
  }
  if (said.trouble || !said.body?.person) return "unknown"
  const before = current()
  const person = said.body.person
  const session = { person, site: said.body.site ?? site, at: said.now }
  // Another person sees other records: those of the one before are not for these eyes.
  if (store.meta("reader") !== person._id) await store.clearRecords()
  await store.remember({ session, site: session.site, reader: person._id, doubt: undefined })
  return before?.person._id === person._id ? "same" : "changed"
}

/**
 * Sign out here. Records stay on the tablet unless nothing is unsent or `erase` was chosen.
 *
 * The server is told too; without a network it is told at the next sync, before anything else.
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
  return leave()
}

/** Tell the server that the person left, if it was not told yet. Return whether it knows now. */
export async function leave() {
  if (!store.meta("leaving")) return true
  const said = await askServer("/sign-out", { method: "POST", patience: PATIENCE, anyAnswer: true })
  if (!said.trouble || said.trouble === "signed_out") await store.remember({ leaving: undefined })
  return !store.meta("leaving")
}
