// Registers the service worker, and runs the bootstrap page: shows the progress of the first sync, says
// in words what stands in the way, and goes on to the requested page as soon as that can be shown.

import { within } from "../../service_worker/base/time_limits.js"
import { canWork, listen, tell } from "./worker_messages.js"

const AGAIN = 5_000 // ms until a server that could not be reached is tried again
const REGISTERS = 30_000 // ms that the browser may take to fetch the worker, or to look for it
const INSTALLS = 90_000 // ms that the worker may take to fetch its files; each has 60 s
const OPTIONS = { scope: "/", updateViaCache: "none" } // an HTTP cache must not hide a new version

/** Register the worker and return its registration, or null where there can be none. */
export async function register() {
  if (!canWork()) return null
  const { serviceWorker } = navigator
  const made = await within(REGISTERS, serviceWorker.register("/worker.js", OPTIONS))
  // Offline: the worker's script cannot be fetched, but one that was installed before goes on.
  return made ?? within(REGISTERS, serviceWorker.getRegistration("/"))
}

/** Run the bootstrap page; `page` is its body, with data-site and data-target. */
export async function setUp(page) {
  if (!canWork()) return say("no-worker")
  listen(message => {
    if (message.type === "progress") progress(page, message)
  })
  const registration = await register()
  if (!registration || !(await installed(registration))) {
    return say(navigator.onLine ? "failed" : "no-network")
  }
  step("shift")
  await begin(page)
}

// Private

// Resolves to true once a worker is active; to false when it could not be installed (a file was missing).
function installed(registration) {
  if (registration.active) return Promise.resolve(true)
  const worker = registration.installing ?? registration.waiting
  if (!worker) return Promise.resolve(false)
  return new Promise(resolve => {
    setTimeout(() => resolve(false), INSTALLS)
    const look = () => {
      if (worker.state === "activated") resolve(true)
      if (worker.state === "redundant") resolve(false)
    }
    worker.addEventListener("statechange", look)
    look()
  })
}

async function begin(page) {
  const result = await tell({ type: "begin", site: page.dataset.site })
  const { usable } = (await tell({ type: "state" })) ?? {}
  if (result?.more && !usable) return begin(page)
  if (usable) return goOn(page)
  if (result?.state === "signed_out") {
    return location.replace(`/sign-in?target=${encodeURIComponent(page.dataset.target)}`)
  }
  say(result && ["offline", "busy"].includes(result.state) ? "no-network" : "failed")
  setTimeout(() => begin(page), AGAIN)
}

function progress(page, { done, all, usable }) {
  for (const element of document.querySelectorAll("[data-done]")) element.textContent = String(done)
  for (const element of document.querySelectorAll("[data-all]")) element.textContent = String(all)
  const bar = document.querySelector("[data-progress]")
  if (bar) bar.value = all ? Math.floor((done * 100) / all) : 0
  if (usable) goOn(page)
}

let gone = false

// What is open now has arrived: the past follows while one works.
function goOn(page) {
  if (gone) return
  gone = true
  step("rest")
  location.replace(page.dataset.target || "/floor/lobby")
}

function step(name) {
  let before = true
  for (const element of document.querySelectorAll("[data-step]")) {
    const isNow = element.dataset.step === name
    if (isNow) before = false
    element.classList.toggle("done", before)
    if (isNow) element.setAttribute("aria-current", "step")
    else element.removeAttribute("aria-current")
  }
}

function say(name) {
  for (const note of document.querySelectorAll("[data-when]")) {
    note.hidden = note.dataset.when !== name
  }
}
