// Messages between a page and the worker: request and reply over a MessageChannel, and the BroadcastChannel
// that every page hears.

import { within } from "../../service_worker/base/time_limits.js"

const PATIENCE = 25_000 // ms; a turn of replication is bounded at 20 s
const ANSWERS = 10_000 // ms, as htmx waits; the worker says after 3 s that it takes too long

/**
 * Send a message {type, …} to the active worker; return its reply, or null when none came within
 * `patience` ms. `worker` names another one, the waiting one for instance.
 */
export async function tell(message, { patience = PATIENCE, worker = null } = {}) {
  const to = worker ?? navigator.serviceWorker.controller ?? (await within(patience, active()))
  if (!to) return null
  const { port1, port2 } = new MessageChannel()
  return new Promise(resolve => {
    const timer = setTimeout(() => resolve(null), patience)
    port1.onmessage = event => {
      clearTimeout(timer)
      resolve(event.data)
    }
    to.postMessage(message, [port2])
  })
}

/** Call `listener(message)` for each message {type, …} that the worker broadcasts. */
export function listen(listener) {
  const channel = new BroadcastChannel("floorwalk")
  channel.addEventListener("message", event => listener(event.data))
}

/**
 * Whether a service worker is possible: a secure context (https or localhost), no private window that
 * lacks it.
 */
export const canWork = () => window.isSecureContext && "serviceWorker" in navigator

/** Ask the worker by `fetch`, which throws when no answer has come within `patience` ms.
 *
 * A worker that is stopped just then takes the answer with it, and the browser waits for ever.
 */
export const askWorker = (path, { patience = ANSWERS, ...options } = {}) =>
  fetch(path, { ...options, signal: AbortSignal.timeout(patience) })

async function active() {
  const registration = await navigator.serviceWorker.getRegistration("/")
  return registration?.active ?? null
}
