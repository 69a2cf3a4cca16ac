// Updates of the app: a new version of the worker installs in the background and takes over between two
// pages, when no form is half written and no replication turn runs. And a watchdog for a worker that is
// stuck.

import { within } from "../../service_worker/base/time_limits.js"
import { tell } from "./worker_messages.js"

const LOOK_AGAIN = 30 * 60_000 // ms between two questions whether there is a new version
const DRAIN = 2_000 // ms that a running turn may take; after that the new version waits for the next page
const LOST = 5_000 // ms after which a page that was asked for does not come: the worker answers in 3 s
const SILENCE = 4_000 // ms without an answer after which the worker counts as stuck: its deadline is 3 s
const STUCK = "floorwalk-stuck"

let registration = null
let moving = false

/** Watch a ServiceWorkerRegistration, or null, for new versions. */
export function watchForUpdates(watched) {
  registration = watched
  if (!registration) return
  // The first worker that takes control of a page is no update.
  const wasControlled = Boolean(navigator.serviceWorker.controller)
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (wasControlled && !moving) reloadOnce()
  })
  document.addEventListener("click", atNavigation, { capture: true })
  let looked = performance.now()
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || performance.now() - looked < LOOK_AGAIN) return
    looked = performance.now()
    registration.update().catch(() => {})
  })
}

/**
 * Ask the worker for a sign of life whenever the page becomes visible: suspended devices lose
 * databases.
 */
export function watchForSilence() {
  document.addEventListener("visibilitychange", async () => {
    if (document.hidden) return
    if (await tell({ type: "ping" }, { patience: SILENCE })) sessionStorage.removeItem(STUCK)
    else await helpOut()
  })
}

// Private

// A form that is half written, and still there.
const isDirty = () =>
  document.documentElement.dataset.dirty === "true" && document.querySelector("fw-draft") !== null

async function atNavigation(event) {
  const link = event.target.closest?.('a[href^="/floor/"]')
  if (!link || !registration.waiting || isDirty() || moving) return
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return
  event.preventDefault()
  event.stopImmediatePropagation()
  moving = true
  await takeOver()
  goOn(() => location.assign(link.href))
}

// Leaves for another page, or for this one anew, until it comes: the request of a page may be lost
// while one worker hands over to the next, and the browser would wait for ever.
function goOn(leave) {
  leave()
  setInterval(() => {
    window.stop()
    leave()
  }, LOST)
}

// Drained first: while an event of the old worker runs, skipWaiting does not activate the new one.
async function takeOver() {
  const drained = await tell({ type: "drain" }, { patience: DRAIN })
  const next = registration.waiting
  if (!drained || !next) return
  const active = activated(next)
  next.postMessage({ type: "takeOver" })
  await active
}

// Chromium may lose the request of a page that it makes while its worker is still activating, which
// it is when it claims the pages.
function activated(worker) {
  return new Promise(resolve => {
    const look = () =>
      ["activated", "redundant"].includes(worker?.state ?? "redundant") && resolve()
    worker?.addEventListener("statechange", look)
    setTimeout(resolve, DRAIN)
    look()
  })
}

// Another page let the new version in. An old page goes on working until its form is sent.
async function reloadOnce() {
  if (moving) return
  if (isDirty()) {
    document.addEventListener("htmx:after:swap", () => !isDirty() && reloadOnce(), { once: true })
    return
  }
  moving = true
  await activated(navigator.serviceWorker.controller)
  goOn(() => location.reload())
}

// Drafts are kept as they are typed, so a reload loses nothing. If that did not help, the worker goes:
// the server's setting-up page installs it anew over the same data.
async function helpOut() {
  if (sessionStorage.getItem(STUCK)) {
    sessionStorage.removeItem(STUCK)
    await within(SILENCE, registration?.unregister())
  } else sessionStorage.setItem(STUCK, "1")
  location.reload()
}
