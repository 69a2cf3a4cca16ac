// Brings this tablet and the server together: one bounded push, then pull, at a time. The page decides
// when; a loop that lives on in a worker is killed after half a minute.
//
// 1. Tell the server of somebody who left; find out who is here.   4. Pull pages until there is no more.
// 2. Notice that the server was put back to an earlier day.        5. Hold it against the server; push pictures.
// 3. Push acts in batches, until none waits.                       6. Remember how it went.

import { newId } from "../rules/act.js"
import { agree } from "./verify.js"
import { keepBallast } from "../store/ballast.js"
import { deviceNow } from "../base/clock.js"
import { DAY } from "../rules/format.js"
import { confirm, current, leave } from "./session.js"
import * as store from "../store/store.js"
import { pushBlobs } from "./uploads.js"
import { askServer } from "./server_request.js"

const BOUND = 20_000 // ms for one turn
const PATIENCE = 15_000 // ms for one request
const BATCH = 50
const FIRST_PAGE = 200
const PAGE = 1000
const BACK_OFF = { first: 1_000, most: 300_000 } // ms, full jitter

let turn = null
let confirmed = false
let fresh = null // ids that the first sync has written since this worker began it

/**
 * Run one turn, or join the one that runs.
 *
 * `heard(event)` is told {type: "progress", done, all, usable} and {type: "changed", ids}. `force`
 * ignores the back-off: a person asked, or the network came back. `check` compares what is held
 * with the server even if that was done a moment ago.
 * Return {state: "ok" or a trouble, more, retryIn, changed}.
 */
export function sync({ force = false, check = false, heard = () => {} } = {}) {
  turn ??= bounded(force, check, heard).finally(() => {
    turn = null
  })
  return turn
}

export const isTurning = () => turn !== null

/** Wait for the turn that runs, if any. */
export const settled = () => turn ?? Promise.resolve()

async function bounded(force, check, heard) {
  await store.ready()
  const wait = (store.meta("sync")?.nextAt ?? 0) - deviceNow()
  if (!force && wait > 0) return { state: store.meta("sync").state, retryIn: wait, changed: 0 }
  const done = {
    check,
    changed: 0,
    pushed: 0,
    signal: AbortSignal.timeout(BOUND),
    until: deviceNow() + BOUND,
  }
  const trouble = await steps(done, heard).catch(error => ({
    trouble: "stopped",
    code: String(error.message ?? error),
  }))
  return finish(done, trouble)
}

async function steps(done, heard) {
  await makeDevice()
  if (!(await leave())) return { trouble: "offline" }
  if (!confirmed || !current()) {
    const who = await confirm({ patience: PATIENCE })
    if (who === "signed_out") return { trouble: "signed_out" }
    if (who === "unknown") return { trouble: "offline" }
    confirmed = true
  }
  return (
    (await pushActs(done, heard)) ??
    (await pullPages(done, heard)) ??
    (await compare(done, heard)) ??
    (await pictures(done, heard))
  )
}

async function makeDevice() {
  if (!store.meta("device")) await store.remember({ device: newId("device", deviceNow()) })
}

const path = rest => `/sync/${current().site}/${rest}`

// Push

async function pushActs(done, heard) {
  let size = BATCH
  for (;;) {
    const acts = await store.waitingActs(current().person._id, size)
    if (acts.length === 0) return null
    const body = JSON.stringify({ docs: acts, new_edits: false })
    const said = await askServer(path("_bulk_docs"), {
      ...{ method: "POST", body, patience: PATIENCE, signal: done.signal },
    })
    if (said.trouble === "too_big" && acts.length > 1) {
      size = Math.ceil(acts.length / 2)
      continue
    }
    if (said.trouble === "too_big") {
      await refuse(acts[0]._id, "too_big", "", heard)
      continue
    }
    if (said.trouble) return said
    const rows = Array.isArray(said.body) ? said.body : []
    const errors = new Map(rows.filter(row => row.error).map(row => [row.id, row]))
    for (const [id, row] of errors) await refuse(id, row.reason ?? row.error, row.say ?? "", heard)
    const arrived = acts.filter(act => !errors.has(act._id)).map(act => act._id)
    await store.markSent(arrived, deviceNow())
    done.pushed += acts.length
    if (await isAnotherEpoch(said.epoch)) await beginAgain()
  }
}

async function refuse(id, code, say, heard) {
  const changes = await store.markRefused(id, code, say, deviceNow())
  heard({ type: "changed", ids: changes.map(change => change.id) })
}

// Pictures come after all words, in both directions: they never hold any up.
async function pictures(done, heard) {
  if (done.more) return null
  const ask = (rest, options) =>
    askServer(path(rest), { ...options, patience: PATIENCE, signal: done.signal })
  return pushBlobs(ask, done, current().person._id, heard)
}

// Pull

async function pullPages(done, heard) {
  const first = store.meta("checkpoint") === undefined
  let offered = false
  if (first) fresh = (await store.isEmpty()) ? new Set() : null
  let asking = askPage(done, store.meta("checkpoint"), first ? FIRST_PAGE : PAGE)
  for (;;) {
    const page = await asking
    if (page.trouble) return page
    const isRestored = await isAnotherEpoch(page.epoch)
    if (isRestored || page.body.reset) {
      await (isRestored ? beginAgain() : pullAfresh())
      offered ||= isRestored
      asking = askPage(done, undefined, FIRST_PAGE)
      continue
    }
    const { results, last_seq: last, pending } = page.body
    const more = pending === undefined ? results.length >= page.limit : pending > 0
    // The next page is on its way while this one is written.
    const goesOn = more && deviceNow() < done.until
    if (goesOn) asking = askPage(done, last, PAGE)
    await writePage(done, heard, { ...page.body, more, epoch: page.epoch })
    if (!goesOn) {
      done.more = more || offered // what is offered again is pushed in the next turn, now
      return null
    }
  }
}

async function askPage(done, since, limit) {
  const query = new URLSearchParams({ include_docs: "true", removed: "true", limit: String(limit) })
  query.set("since", since ?? "0")
  if (since === undefined) query.set("slice", "now") // my shift first, the rest behind it
  const options = { patience: PATIENCE, signal: done.signal }
  return { ...(await askServer(path(`_changes?${query}`), options)), limit }
}

async function writePage(done, heard, { results, last_seq: last, pending = 0, more, epoch }) {
  const records = results.filter(row => !row.id.startsWith("act:")).map(recordOf)
  const isWhole = store.meta("whole") === store.roundNow()
  const isNews = records.length > 0 || !isWhole || store.meta("checkpoint") !== last
  if (!isNews) return
  const usable = store.meta("usable") || isShiftHere(last)
  const marks = { checkpoint: last, epoch: epoch ?? store.meta("epoch"), usable }
  if (!isWhole) marks.pulled = (store.meta("pulled") ?? 0) + records.length
  const changes = await store.pull(records, {
    marks,
    fresh: isWhole ? null : fresh,
    at: deviceNow(),
  })
  done.changed += changes.length
  if (isWhole) heard({ type: "changed", ids: changes.map(change => change.id) })
  else {
    heard({ type: "progress", done: marks.pulled, all: marks.pulled + pending, usable })
    if (!more) await becomeWhole()
  }
}

// A first sync comes in slices: 0 people and places, 1 what is open now, 2 the rest (sync/feed.py).
const isShiftHere = checkpoint => !/-slice-[01]-/.test(checkpoint)

const recordOf = row => ({
  id: row.id,
  record: row.removed || row.deleted ? null : (row.doc ?? null),
})

// Everything was pulled: is it what the server says?
async function compare(done, heard) {
  if (done.more || store.meta("whole") !== store.roundNow()) return null
  const ask = (rest, options) =>
    askServer(path(rest), { ...options, patience: PATIENCE, signal: done.signal })
  const said = await agree(ask, { now: deviceNow(), force: done.check })
  if (said?.trouble) return said
  if (said?.anew) {
    await pullAfresh()
    return pullPages(done, heard)
  }
  if (said?.changes) {
    done.changed += said.changes.length
    heard({ type: "changed", ids: said.changes.map(change => change.id) })
  }
  return null
}

// The first sync, or one from the beginning, has come to its end.
async function becomeWhole() {
  if (!fresh) await store.sweep()
  fresh = null
  await store.remember({ whole: store.roundNow() })
  await keepBallast().catch(() => {})
}

// Another epoch: the server was put back. Everything is pulled afresh, and what it may have lost offered.

async function isAnotherEpoch(epoch) {
  const known = store.meta("epoch")
  if (epoch && known === undefined) await store.remember({ epoch })
  return Boolean(epoch && known !== undefined && epoch !== known)
}

async function beginAgain() {
  await store.offerAgain(deviceNow())
  await store.remember({ epoch: undefined })
  await pullAfresh()
}

// What is held may be anything: a pull from the beginning brings what is right and sweeps the rest.
async function pullAfresh() {
  await store.remember({
    round: store.roundNow() + 1,
    checkpoint: undefined,
    pulled: 0,
  })
  fresh = null
}

// How it went

async function finish(done, trouble) {
  const now = deviceNow()
  const before = store.meta("sync") ?? {}
  const state = trouble?.trouble ?? "ok"
  const tries = state === "ok" ? 0 : (before.tries ?? 0) + 1
  const retryIn = state === "ok" ? 0 : pause(tries, trouble.retryAfter)
  if (state === "signed_out") confirmed = false
  const record = {
    ...before,
    state,
    tries,
    code: trouble?.code,
    nextAt: retryIn ? now + retryIn : 0,
    triedAt: now,
  }
  if (state === "ok" || done.pushed) record.pushedAt = done.pushed ? now : before.pushedAt
  if (state === "ok") record.pulledAt = now
  await store.remember({ sync: record, unsent: await unsent() })
  if ((before.prunedAt ?? 0) < now - DAY && state === "ok") {
    await store.prune(now)
    await store.remember({ sync: { ...record, prunedAt: now } })
  }
  return { state, more: done.more ?? false, retryIn, changed: done.changed, pushed: done.pushed }
}

function pause(tries, retryAfter) {
  if (retryAfter !== null && retryAfter !== undefined) return retryAfter * 1000
  const most = Math.min(BACK_OFF.most, BACK_OFF.first * 2 ** Math.min(tries, 12))
  return Math.ceil(Math.random() * most)
}

async function unsent() {
  const { waiting } = await store.atHand()
  const oldest = Math.min(...[...waiting.values()].map(row => row.act.at))
  return { waiting: waiting.size, oldest: waiting.size ? oldest : null }
}
