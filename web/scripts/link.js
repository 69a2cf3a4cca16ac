// How a page talks with the worker: a message and its answer, and the channel that all pages hear.

import { within } from "../../service_worker/base/limits.js"

const PATIENCE = 25_000 // ms; a turn of replication is bounded at 20 s
const ANSWERS = 10_000 // ms, as htmx waits; the worker says after 3 s that it takes too long

/** Send a message to the active worker; return its answer, or null when there was none in time. */
export async function tell(message, { patience = PATIENCE, worker = null } = {}) {
  const to = worker ?? navigator.serviceWorker.controller ?? (await within(patience, active()))
  if (!to) return null
  const { port1, port2 } = new MessageChannel()
  return new Promise(resolve => {
    const late = setTimeout(() => resolve(null), patience)
    port1.onmessage = event => {
      clearTimeout(late)
      resolve(event.data)
    }
    to.postMessage(message, [port2])
  })
}

/** Call `listener(message)` for what the worker tells every page. */
export function listen(listener) {
  const channel = new BroadcastChannel("floorwalk")
  channel.addEventListener("message", event => listener(event.data))
}

/** Whether there can be a worker here at all: https or this machine, and no window that forbids it. */
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
