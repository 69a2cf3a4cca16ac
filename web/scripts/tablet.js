// Starts the background work of a floor app's page: registering the worker, leading replication,
// alarms, updates.

import { ringAlarms } from "./alarm.js"
import { lead } from "./leader.js"
import { canWork, tell } from "./worker_messages.js"
import { register, setUp } from "./register.js"
import { watchForSilence, watchForUpdates } from "./update.js"

/** Start, if this is a page of the floor app or its bootstrap page. */
export async function startTablet() {
  const { body } = document
  if ("bootstrap" in body.dataset) return setUp(body)
  if (!body.classList.contains("tablet") || !canWork()) return
  watchForSilence()
  sayUnanswered()
  document.addEventListener("click", askToPersist)
  lead()
  ringAlarms()
  watchForUpdates(await register())
  await sayPersisted()
}

// A tap whose worker was stopped may never be answered: htmx gives up after a while, and somebody waits.
// What asks by itself is asked again by itself.
function sayUnanswered() {
  const show = shown => {
    const words = document.getElementById("unanswered")
    if (words) words.hidden = !shown
  }
  document.addEventListener("htmx:error", event => {
    if (event.detail.ctx?.sourceEvent?.isTrusted) show(true)
  })
  document.addEventListener("htmx:after:swap", () => show(false))
}

// Only a page can ask whether the browser promised not to evict the data; the worker stores the answer.
async function sayPersisted() {
  const value = (await navigator.storage?.persisted?.()) ?? false
  await tell({ type: "persisted", value })
}

async function askToPersist(event) {
  if (!event.target.closest?.("[data-persist]")) return
  await navigator.storage?.persist?.()
  await sayPersisted()
  document.body.dispatchEvent(new CustomEvent("fw:synced"))
}
