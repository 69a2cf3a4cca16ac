// Leader election and scheduling of replication. Of all open pages one visible page leads: it holds a
// Web Lock, keeps the worker alive by heartbeats, and holds a long poll at the server.
//
// It asks the worker for a replication turn on load, when the network or the page comes back, after
// each act, and when the long poll reports news. Scheduling is done in a page, because a worker's
// timers die with it.

import { listen, tell } from "./worker_messages.js"

const LOCK = "floorwalk-leader"
const SOON = 150 // ms after an act: several in a burst are one turn
const CHECK = 1_500 // ms after which the worker is asked whether it still runs the turn
const WARM = 15_000 // ms between heartbeats; an idle worker is stopped after some thirty seconds
const REST = 60_000 // ms after which a quiet tablet asks anyway
const HOLD = 50_000 // ms that the server may hold the long poll; docs/deploy/ has proxies allow a minute
const PATIENCE = HOLD + 15_000 // ms until the long poll counts as dead
const BACK_OFF = { first: 2_000, most: 60_000 } // ms between long polls that failed

/** Take part in the election, and lead whenever this page is the one. */
export function lead() {
  listen(hear)
  document.addEventListener("visibilitychange", follow)
  window.addEventListener("online", () => leading && turn({ force: true }))
  follow()
}

let leading = null // AbortController while this page leads
let timer = 0

// Leading

function follow() {
  if (document.hidden) return leading?.abort()
  if (leading) return
  const mine = new AbortController()
  leading = mine
  navigator.locks
    .request(LOCK, { signal: mine.signal }, () => whileShown(mine.signal))
    .catch(() => {}) // Another page leads, and this one is no longer looked at.
    .finally(() => {
      if (leading === mine) leading = null
    })
}

async function whileShown(signal) {
  const warm = setInterval(() => tell({ type: "ping" }, { patience: WARM }), WARM)
  waitForNews(signal)
  turn({ force: true })
  await new Promise(resolve => signal.addEventListener("abort", resolve, { once: true }))
  clearInterval(warm)
  clearTimeout(timer)
}

// One turn after another

let running = false
let again = false

async function turn({ force = false } = {}) {
  clearTimeout(timer)
  if (running) {
    again = true
    return
  }
  running = true
  const result = await turned(force)
  running = false
  if (again || result.more) {
    again = false
    return turn()
  }
  if (leading) timer = setTimeout(turn, result.retryIn || REST)
}

// A worker that is stopped in the middle of a turn never answers: the port stays silent. Then its
// successor, which knows of no turn, is asked for another one.
async function turned(force) {
  const answer = tell({ type: "sync", force })
  for (;;) {
    const result = await Promise.race([answer, after(CHECK)])
    if (result !== undefined) return result ?? {}
    const state = await tell({ type: "state" }, { patience: WARM })
    if (state && !state.turning) {
      return (await Promise.race([answer, after(SOON)])) ?? { more: true }
    }
  }
}

const after = length => new Promise(resolve => setTimeout(resolve, length))

const soon = () => {
  clearTimeout(timer)
  timer = setTimeout(turn, SOON)
}

// What pages hear

let gathered = 0

function hear(message) {
  if (message.type === "kept") {
    if (leading) soon()
    if (!document.hasFocus()) changed() // the page of the tap itself shows it already
  } else if (message.type === "changed" && message.ids.length) changed()
  else if (message.type === "synced") fire("fw:synced")
  else if (message.type === "left" && (message.atOnce || document.hidden)) leave()
}

// Somebody else works here now, or nobody may: what this page shows is not for them.
const leave = () => location.replace("/floor/lobby")

// Debounced: many records in a burst are one refresh.
function changed() {
  clearTimeout(gathered)
  gathered = setTimeout(() => fire("fw:changed"), SOON)
}

const fire = name => document.body.dispatchEvent(new CustomEvent(name))

// News

// Holds long polls, one after another. Their answer is only a hint that something is new: the worker
// fetches it.
async function waitForNews(signal) {
  for (let failed = 0; !signal.aborted;) {
    const { site, checkpoint } = (await tell({ type: "state" }, { patience: WARM })) ?? {}
    const news = site && checkpoint ? await ask(site, checkpoint, signal) : null
    if (signal.aborted) return
    failed = news === null ? failed + 1 : 0
    if (news) await turn()
    if (failed) await pause(Math.min(BACK_OFF.most, BACK_OFF.first * 2 ** failed), signal)
  }
}

// One long poll: true for news, false for none, null when the server could not be asked.
async function ask(site, since, signal) {
  const query = new URLSearchParams({ feed: "longpoll", limit: "1", since, timeout: String(HOLD) })
  try {
    const response = await fetch(`/sync/${site}/_changes?${query}`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
      cache: "no-store",
    })
    if (!response.ok || !response.headers.has("Floorwalk-Now")) return null
    return (await response.json()).results.length > 0
  } catch {
    return null
  }
}

function pause(length, signal) {
  return new Promise(resolve => {
    const done = setTimeout(resolve, length)
    const wake = () => {
      clearTimeout(done)
      resolve()
    }
    signal.addEventListener("abort", wake, { once: true })
    window.addEventListener("online", wake, { once: true })
  })
}
