// Resumable uploads of blobs (photos and recordings), after the acts and in parts, so that a line that
// is cut loses a part and not a photo, and words never wait for a photo.
//
// 1. Ask how many bytes of a blob the server has.   3. Between two parts let new acts go first.
// 2. Send the next part; smaller after a cut.   4. Wait for Wi-Fi or for room where that is needed.

import { deviceNow } from "../base/clock.js"
import * as store from "../store/store.js"
import { _ } from "../base/words.js"

const KILOBYTE = 1024
const PART = { most: 256 * KILOBYTE, least: 16 * KILOBYTE }
const MARGIN = 2_000 // ms before a turn ends in which no part begins, for it would be cut off
const AGAIN = 3 // tries of a part in a turn, and times that a blob may arrive damaged
const FULL = 507 // status: the server has no room for blobs
const LATER = 3_600_000 // ms to wait for room where the server sends no Retry-After
const BY_CABLE_OR_AIR = ["wifi", "ethernet"]

export const WAITS = {
  wifi: _("Photos and recordings wait for Wi-Fi, as it is set on this tablet."),
  full: _("The server has no room for photos and recordings yet. They wait here."),
}

const uploaded = new Map() // hash → bytes that the server has, as far as this worker knows
let partSize = PART.most // bytes; halved after a cut, doubled after a success

/** Return how many bytes of a blob have arrived. */
export const bytesArrived = hash => uploaded.get(hash) ?? 0

/**
 * Return {known, wifi}: whether the browser tells the kind of network, and whether it is Wi-Fi or cable.
 *
 * Only some browsers have the Network Information API; without it nobody can wait for Wi-Fi, and the page
 * of settings does not offer it.
 */
export function network() {
  const type = navigator.connection?.type
  const known = Boolean(type) && type !== "unknown"
  return { known, wifi: known && BY_CABLE_OR_AIR.includes(type) }
}

/** Return why blobs wait although there is a network: a key of WAITS, or "". */
export function waitsFor() {
  const { known, wifi } = network()
  if (store.prefs().photos === "wifi" && known && !wifi) return "wifi"
  return (store.meta("blobs")?.nextAt ?? 0) > deviceNow() ? "full" : ""
}

/**
 * Upload a person's unsent blobs, while the turn lasts; return null, or the trouble that stopped it.
 *
 * `ask(rest, options)` asks the site; `turn` is {until (ms), more}, `more` being set when some are left.
 * `notify` gets {type: "changed", ids: [hash]} for each part, so that pages show the progress.
 */
export async function pushBlobs(ask, turn, person, notify) {
  if (waitsFor()) return null
  for (const row of await store.waitingBlobs(person)) {
    for (let tries = 1; ; tries += 1) {
      const outcome = await pushBlob(ask, turn, person, row, notify)
      if (outcome === "later") {
        turn.more = true
        return null
      }
      if (outcome === null) break
      if (outcome.trouble === "offline" && tries < AGAIN && deviceNow() < turn.until - MARGIN) {
        partSize = Math.max(PART.least, partSize / 2) // a line that is cut may carry a smaller part
        continue
      }
      if (outcome.status === FULL) {
        await store.remember({ blobs: { nextAt: deviceNow() + waitOf(outcome) } })
        return null
      }
      return outcome
    }
  }
  return null
}

const waitOf = ({ retryAfter }) => (retryAfter == null ? LATER : retryAfter * 1000)

// Uploads one blob: null when it is sent or refused, "later" when the turn is over or acts wait, or a
// trouble.
async function pushBlob(ask, turn, person, { sha256, blob, type, size }, notify) {
  let offset = null
  for (let odd = 0; ;) {
    if (deviceNow() > turn.until - MARGIN || (await store.waitingActs(person, 1)).length) {
      return "later"
    }
    const isQuestion = offset === null
    const answer = isQuestion
      ? await ask(`_blob/${sha256}/parts`)
      : await sendPart(ask, { sha256, blob, type, size }, offset)
    if (isRefusal(answer)) {
      offset = null
      odd += 1
      if (isOdd(answer) && odd < AGAIN) continue
      return settle(
        sha256,
        { refused: answer.code || answer.trouble, refused_at: deviceNow() },
        notify,
      )
    }
    if (answer.trouble) return answer
    if (!isQuestion) partSize = Math.min(PART.most, partSize * 2)
    offset = answer.body.offset
    uploaded.set(sha256, offset)
    if (answer.body.whole) return settle(sha256, { sent_at: deviceNow() }, notify)
    if (!isQuestion) notify({ type: "changed", ids: [sha256] })
  }
}

// What the server refuses, however often it is sent.
const isRefusal = ({ trouble }) => trouble === "too_big" || trouble === "stopped"

// Another window uploaded the same blob, or a part arrived damaged: the offset has to be asked anew.
const isOdd = ({ status, code }) => status === 409 || code === "bad_request"

function sendPart(ask, { sha256, blob, type, size }, offset) {
  const end = Math.min(size, offset + partSize)
  return ask(`_blob/${sha256}/parts`, {
    method: "PUT",
    body: blob.slice(offset, end),
    type: type || "application/octet-stream",
    range: `bytes ${offset}-${end - 1}/${size}`,
  })
}

async function settle(sha256, how, notify) {
  await store.settleBlob(sha256, how)
  uploaded.delete(sha256)
  notify({ type: "changed", ids: [sha256] })
  return null
}
