// Pictures and sound on their way to the server: part by part, after the words, from where it stands.
//
// 1. Ask how far the server has come with a picture.   3. Between two parts let words go first.
// 2. Send the next part; smaller ones where they are cut off.   4. Wait where somebody said to.

import { deviceNow } from "../base/clock.js"
import * as store from "../store/store.js"
import { _ } from "../base/words.js"

const KILOBYTE = 1024
const PART = { most: 256 * KILOBYTE, least: 16 * KILOBYTE }
const MARGIN = 2_000 // ms before a turn ends in which no part begins
const AGAIN = 3 // times that a part is tried in a turn, and that a picture may arrive damaged
const FULL = 507
const LATER = 3_600_000 // ms to wait for room where the server does not say how long
const BY_CABLE_OR_AIR = ["wifi", "ethernet"]

export const WAITS = {
  wifi: _("Photos and recordings wait for Wi-Fi, as it is set on this tablet."),
  full: _("The server has no room for photos and recordings yet. They wait here."),
}

const here = new Map() // hash → bytes that the server has, as far as this worker knows
let part = PART.most

/** Return how many bytes of a picture have arrived. */
export const arrived = hash => here.get(hash) ?? 0

/**
 * Say whether this browser tells what network it is on.
 *
 * {known, wifi}: without `known` nobody can wait for Wi-Fi, and the page says so.
 */
export function network() {
  const type = navigator.connection?.type
  const known = Boolean(type) && type !== "unknown"
  return { known, wifi: known && BY_CABLE_OR_AIR.includes(type) }
}

/** Return why pictures wait although there is a network: one of WAITS, or "". */
export function waitsFor() {
  const { known, wifi } = network()
  if (store.meta("prefs")?.photos === "wifi" && known && !wifi) return "wifi"
  return (store.meta("blobs")?.nextAt ?? 0) > deviceNow() ? "full" : ""
}

/**
 * Send what waits, while the turn lasts; return null, or the trouble that stopped it.
 *
 * `ask(rest, options)` asks the server; `done` is the turn, `done.more` is set when more waits.
 * `heard` is told {type: "changed", ids: []} of each part, so that pages show how far it is.
 */
export async function pushBlobs(ask, done, person, heard) {
  if (waitsFor()) return null
  for (const row of await store.waitingBlobs(person)) {
    for (let tries = 1; ; tries += 1) {
      const said = await pushBlob(ask, done, person, row, heard)
      if (said === "later") {
        done.more = true
        return null
      }
      if (said === null) break
      if (said.trouble === "offline" && tries < AGAIN && deviceNow() < done.until - MARGIN) {
        part = Math.max(PART.least, part / 2) // a line that is cut may carry a smaller part
        continue
      }
      if (said.status === FULL) {
        await store.remember({ blobs: { nextAt: deviceNow() + waitOf(said) } })
        return null
      }
      return said
    }
  }
  return null
}

const waitOf = ({ retryAfter }) => (retryAfter == null ? LATER : retryAfter * 1000)

// All of one picture: null when it is settled, "later" when the turn is over, or a trouble.
async function pushBlob(ask, done, person, { sha256, blob, type, size }, heard) {
  let offset = null
  for (let odd = 0; ;) {
    if (deviceNow() > done.until - MARGIN || (await store.waitingActs(person, 1)).length) {
      return "later"
    }
    const isQuestion = offset === null
    const said = isQuestion
      ? await ask(`_blob/${sha256}/parts`)
      : await sendPart(ask, { sha256, blob, type, size }, offset)
    if (isRefusal(said)) {
      offset = null
      odd += 1
      if (isOdd(said) && odd < AGAIN) continue
      return settle(sha256, { refused: said.code || said.trouble, refused_at: deviceNow() }, heard)
    }
    if (said.trouble) return said
    if (!isQuestion) part = Math.min(PART.most, part * 2)
    offset = said.body.offset
    here.set(sha256, offset)
    if (said.body.whole) return settle(sha256, { sent_at: deviceNow() }, heard)
    if (!isQuestion) heard({ type: "changed", ids: [sha256] })
  }
}

// What the server will not have, however often it is sent.
const isRefusal = ({ trouble }) => trouble === "too_big" || trouble === "stopped"

// Another window sent the same, or it arrived damaged: how far it is now has to be asked.
const isOdd = ({ status, code }) => status === 409 || code === "bad_request"

function sendPart(ask, { sha256, blob, type, size }, offset) {
  const end = Math.min(size, offset + part)
  return ask(`_blob/${sha256}/parts`, {
    method: "PUT",
    body: blob.slice(offset, end),
    type: type || "application/octet-stream",
    range: `bytes ${offset}-${end - 1}/${size}`,
  })
}

async function settle(sha256, how, heard) {
  await store.settleBlob(sha256, how)
  here.delete(sha256)
  heard({ type: "changed", ids: [sha256] })
  return null
}
