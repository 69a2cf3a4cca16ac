// How a page talks with the worker: a message and its answer, and the channel that all pages hear.

const PATIENCE = 25_000 // ms; a turn of replication is bounded at 20 s

/** Send a message to the active worker; return its answer, or null when there was none in time. */
export async function tell(message, { patience = PATIENCE, worker = null } = {}) {
  const to = worker ?? navigator.serviceWorker.controller ?? (await active())
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

async function active() {
  const registration = await navigator.serviceWorker.getRegistration("/")
  return registration?.active ?? null
}
