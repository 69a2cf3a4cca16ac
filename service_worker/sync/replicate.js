// The replication turn: push own acts, then pull changes, over the CouchDB replication protocol. One turn
// at a time, 20 s at most. A page decides when (web/scripts/leader.js): a live loop would be killed, for
// browsers stop a worker that has been idle for some thirty seconds.
//
// 1. Deliver a pending sign-out; confirm who is signed in.   4. Pull pages of changes until there is no more.
// 2. Notice a server that was restored (another epoch).      5. Verify checksums; then upload blobs.
// 3. Hand in what others left sealed; push acts in batches.  6. Remember how it went, and when to retry.

import { newId } from "../rules/act.js"
import { verify } from "./verify.js"
import { keepBallast } from "../store/ballast.js"
import * as sealed from "../store/sealed.js"
import { deviceNow } from "../base/clock.js"
import { learn } from "../base/languages.js"
import { DAY } from "../rules/display_format.js"
import { handIn, unsent } from "./sealing.js"
import { confirmSession, current, deliverSignOut, forgetPerson, GONE } from "./session.js"
import * as store from "../store/store.js"
import { pushBlobs } from "./uploads.js"
import { askServer } from "./server_request.js"

const BOUND = 20_000 // ms for one turn; a page waits 25 s for its answer (web/scripts/worker_messages.js)
const PATIENCE = 15_000 // ms for one request
const BATCH = 50 // acts in one push
const FIRST_PAGE = 200 // changes: the first screen has something to show after 0.2 s
const PAGE = 1000 // changes: a pull in pages of 100 took twice as long
// Full jitter, so that the tablets of a house do not all come back at once after an outage.
const BACK_OFF = { first: 1_000, most: 300_000 } // ms

let running = null // promise of the turn that runs
let confirmed = false // whether the server said, in this worker's life, who is signed in
let fresh = null // ids that the first sync has written since this worker began it

/**
 * Run one turn, or join the one that runs.
 *
 * `notify(event)` gets {type: "progress", done, all, usable} (numbers of records of a first sync) and
 * {type: "changed", ids}. `force` ignores the back-off: a person asked, or the network came back. `check`
 * verifies checksums even if that was done a moment ago.
 * Return {state: "ok" or a trouble, more: whether another turn has work, retryIn (ms), changed, pushed}.
 */
export function sync({ force = false, check = false, notify = () => {} } = {}) {
  running ??= bounded(force, check, notify).finally(() => {
    running = null
  })
  return running
}

/** Whether a turn runs. */
export const isTurning = () => running !== null

/** Wait for the turn that runs, if any. */
export const settled = () => running ?? Promise.resolve()

async function bounded(force, check, notify) {
  await store.ready()
  const wait = (store.meta("sync")?.nextAt ?? 0) - deviceNow()
  if (!force && wait > 0) return { state: store.meta("sync").state, retryIn: wait, changed: 0 }
  const turn = {
    check,
    changed: 0,
    pushed: 0,
    signal: AbortSignal.timeout(BOUND),
    until: deviceNow() + BOUND,
  }
  const trouble = await steps(turn, notify).catch(error => ({
    trouble: "stopped",
    code: String(error.message ?? error),
  }))
  if (trouble?.code === GONE && current()) await forgetPerson()
  return finish(turn, trouble)
}

async function steps(turn, notify) {
  await makeDevice()
  if (!(await deliverSignOut())) return { trouble: "offline" }
  if (!confirmed || !current()) {
    const who = await confirmSession({ patience: PATIENCE })
    if (who === "signed_out") return { trouble: "signed_out" }
    if (who === "unknown") return { trouble: "offline" }
    confirmed = true
    const language = store.prefs().language || current().person.language
    if (language) await learn(language, { patience: PATIENCE })
  }
  return (
    (await handIn(asking(turn), current().person._id)) ??
    (await pushActs(turn, notify)) ??
    (await pullPages(turn, notify)) ??
    (await compare(turn, notify)) ??
    (await uploadBlobs(turn, notify))
  )
}

async function makeDevice() {
  if (!store.meta("device")) await store.remember({ device: newId("device", deviceNow()) })
}

const path = rest => `/sync/${current().site}/${rest}`

// Asks the site, while the turn lasts.
const asking = turn => (rest, options) =>
  askServer(path(rest), { ...options, patience: PATIENCE, signal: turn.signal })

// Push

async function pushActs(turn, notify) {
  let size = BATCH
  for (;;) {
    const acts = await store.waitingActs(current().person._id, size)
    if (acts.length === 0) return null
    const body = JSON.stringify({ docs: acts, new_edits: false })
    const answer = await askServer(path("_bulk_docs"), {
      ...{ method: "POST", body, patience: PATIENCE, signal: turn.signal },
    })
    if (answer.trouble === "too_big" && acts.length > 1) {
      size = Math.ceil(acts.length / 2)
      continue
    }
    // One act alone is too big: it is put aside, so that it does not block those behind it.
    if (answer.trouble === "too_big") {
      await refuse(acts[0]._id, "too_big", "", notify)
      continue
    }
    if (answer.trouble) return answer
    const rows = Array.isArray(answer.body) ? answer.body : []
    const errors = new Map(rows.filter(row => row.error).map(row => [row.id, row]))
    for (const [id, row] of errors) await refuse(id, row.reason ?? row.error, row.say ?? "", notify)
    const arrived = acts.filter(act => !errors.has(act._id)).map(act => act._id)
    await store.markSent(arrived, deviceNow())
    turn.pushed += acts.length
    if (await isAnotherEpoch(answer.epoch)) await beginAgain()
  }
}

async function refuse(id, code, say, notify) {
  const changes = await store.markRefused(id, code, say, deviceNow())
  notify({ type: "changed", ids: changes.map(change => change.id) })
}

// Blobs come after all acts and changes, so that a photo never holds up words.
async function uploadBlobs(turn, notify) {
  if (turn.more) return null
  return pushBlobs(asking(turn), turn, current().person._id, notify)
}

// Pull

async function pullPages(turn, notify) {
  const first = store.meta("checkpoint") === undefined
  let offered = false
  if (first) fresh = (await store.isEmpty()) ? new Set() : null
  let next = askPage(turn, store.meta("checkpoint"), first ? FIRST_PAGE : PAGE)
  for (;;) {
    const page = await next
    if (page.trouble) return page
    const isRestored = await isAnotherEpoch(page.epoch)
    if (isRestored || page.body.reset) {
      await (isRestored ? beginAgain() : pullAfresh())
      offered ||= isRestored
      next = askPage(turn, undefined, FIRST_PAGE)
      continue
    }
    const { results, last_seq: last, pending } = page.body
    const more = pending === undefined ? results.length >= page.limit : pending > 0
    // The next page is on its way while this one is written.
    const goesOn = more && deviceNow() < turn.until
    if (goesOn) next = askPage(turn, last, PAGE)
    await writePage(turn, notify, { ...page.body, more, epoch: page.epoch })
    if (!goesOn) {
      turn.more = more || offered // what went back into the outbox is pushed by another turn, at once
      return null
    }
  }
}

async function askPage(turn, since, limit) {
  const query = new URLSearchParams({ include_docs: "true", removed: "true", limit: String(limit) })
  query.set("since", since ?? "0")
  if (since === undefined) query.set("slice", "now") // what is open now first, the past behind it
  const options = { patience: PATIENCE, signal: turn.signal }
  return { ...(await askServer(path(`_changes?${query}`), options)), limit }
}

async function writePage(turn, notify, { results, last_seq: last, pending = 0, more, epoch }) {
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
  turn.changed += changes.length
  if (isWhole) notify({ type: "changed", ids: changes.map(change => change.id) })
  else {
    notify({ type: "progress", done: marks.pulled, all: marks.pulled + pending, usable })
    if (!more) await becomeWhole()
  }
}

// A first sync comes in slices: 0 people and places, 1 what is open now, 2 the rest (sync/feed_position.py).
const isShiftHere = checkpoint => !/-slice-[01]-/.test(checkpoint)

const recordOf = row => ({
  id: row.id,
  record: row.removed || row.deleted ? null : (row.doc ?? null),
})

// Everything was pulled: is it what the server holds?
async function compare(turn, notify) {
  if (turn.more || store.meta("whole") !== store.roundNow()) return null
  const outcome = await verify(asking(turn), { now: deviceNow(), force: turn.check })
  if (outcome?.trouble) return outcome
  if (outcome?.anew) {
    await pullAfresh()
    return pullPages(turn, notify)
  }
  if (outcome?.changes) {
    turn.changed += outcome.changes.length
    notify({ type: "changed", ids: outcome.changes.map(change => change.id) })
  }
  return null
}

// The first sync, or a full pull, has come to its end. A first one into an empty store has nothing to
// sweep.
async function becomeWhole() {
  if (!fresh) await store.sweep()
  fresh = null
  await store.remember({ whole: store.roundNow() })
  await keepBallast().catch(() => {})
}

// Another epoch: the server was restored from a backup. Everything is pulled anew, and what it may have
// lost is pushed again.

async function isAnotherEpoch(epoch) {
  const ours = store.meta("epoch")
  if (epoch && ours === undefined) await store.remember({ epoch })
  return Boolean(epoch && ours !== undefined && epoch !== ours)
}

async function beginAgain() {
  await store.offerAgain(deviceNow())
  await sealed.offerAgain()
  await store.remember({ epoch: undefined })
  await pullAfresh()
}

// Begins a full pull: it brings what is right, and its end sweeps what it did not bring.
async function pullAfresh() {
  await store.remember({
    round: store.roundNow() + 1,
    checkpoint: undefined,
    pulled: 0,
  })
  fresh = null
}

// How it went

async function finish(turn, trouble) {
  const now = deviceNow()
  const before = store.meta("sync") ?? {}
  const state = trouble?.trouble ?? "ok"
  const tries = state === "ok" ? 0 : (before.tries ?? 0) + 1
  const retryIn = state === "ok" ? 0 : pause(tries, trouble.retryAfter)
  if (state === "signed_out") confirmed = false
  const result = {
    ...before,
    state,
    tries,
    code: trouble?.code,
    nextAt: retryIn ? now + retryIn : 0,
    triedAt: now,
  }
  if (state === "ok" || turn.pushed) result.pushedAt = turn.pushed ? now : before.pushedAt
  if (state === "ok") result.pulledAt = now
  await store.remember({ sync: result, unsent: await unsent() })
  if ((before.prunedAt ?? 0) < now - DAY && state === "ok") {
    await store.prune(now)
    await sealed.prune(now)
    await store.remember({ sync: { ...result, prunedAt: now } })
  }
  return { state, more: turn.more ?? false, retryIn, changed: turn.changed, pushed: turn.pushed }
}

// Returns the ms until the next try. The server's own Retry-After (s) counts more than the back-off.
function pause(tries, retryAfter) {
  if (retryAfter !== null && retryAfter !== undefined) return retryAfter * 1000
  const most = Math.min(BACK_OFF.most, BACK_OFF.first * 2 ** Math.min(tries, 12))
  return Math.ceil(Math.random() * most)
}
