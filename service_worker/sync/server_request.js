// Sends one HTTP request to the site's server and classifies how it failed: a failure is a trouble, a name
// with a sentence saying what the person should do. Nothing here throws. Every answer also measures the
// offset of this device's clock.

import { deviceNow, offsetAfter } from "../base/clock.js"
import { version } from "../generated/version.js"
import * as store from "../store/store.js"
import { _ } from "../base/words.js"

const PATIENCE = 15_000 // ms

export const TROUBLES = {
  offline: _("The server cannot be reached. What you do is kept here and sent by itself."),
  portal: _(
    "This Wi-Fi wants a sign-in of its own. Open a web page, sign in there, then try again.",
  ),
  signed_out: _("Sign in again and what waits is sent."),
  busy: _("The server is busy. It goes on by itself in a moment."),
  too_big: _("Something was too big to be sent in one piece. It goes on in smaller pieces."),
  stopped: _("The server did not understand this tablet. Nothing is lost; tell the IT department."),
}

/**
 * Send one request, for `patience` ms at most.
 *
 * Return {status, body, now, epoch} or {trouble, status?, code?, retryAfter?}: `body` is parsed JSON, or a
 * Blob; `now` the server's clock in ms; `epoch` names the life of the server's database, another after a
 * restore; `trouble` is a key of TROUBLES, `retryAfter` in seconds. `range` is a Content-Range header.
 * `anyAnswer` returns {status} of whatever came, since sign-out answers with a redirect.
 */
export async function askServer(path, options = {}) {
  const { method = "GET", body, type = "application/json", range, signal } = options
  const { anyAnswer, patience = PATIENCE } = options
  const asked = deviceNow()
  let response
  try {
    response = await fetch(path, {
      method,
      body,
      headers: headersFor(body === undefined ? null : type, range),
      credentials: "same-origin",
      cache: "no-store",
      redirect: anyAnswer ? "manual" : "follow",
      signal: AbortSignal.any([AbortSignal.timeout(patience), ...(signal ? [signal] : [])]),
    })
    if (anyAnswer) return response.status >= 500 ? { trouble: "busy" } : { status: response.status }
    return await classified(response, asked)
  } catch {
    return { trouble: "offline" }
  }
}

async function classified(response, asked) {
  const answered = deviceNow()
  const { status, headers } = response
  const now = Number(headers.get("Floorwalk-Now"))
  const isOurs = headers.has("Floorwalk-Now") && Number.isSafeInteger(now)
  if (isOurs) await learnClock(now, asked, answered)
  if (status === 401) {
    return { trouble: "signed_out", status, code: isOurs ? await codeOf(response, "code") : "" }
  }
  if (status === 413) return { trouble: "too_big", status }
  if (status === 429 || status >= 500) {
    return { trouble: "busy", status, retryAfter: secondsOf(headers.get("Retry-After")) }
  }
  // A captive portal answers 200 with a page of its own: only our server sets this header.
  if (!isOurs) return { trouble: "portal", status }
  if (status >= 400) return { trouble: "stopped", status, code: await codeOf(response) }
  const epoch = headers.get("Floorwalk-Epoch")
  const isJson = (headers.get("Content-Type") ?? "").startsWith("application/json")
  return { status, now, epoch, body: isJson ? await response.json() : await response.blob() }
}

async function codeOf(response, first = "error") {
  try {
    const problem = await response.json()
    return problem[first] ?? problem.code ?? ""
  } catch {
    return ""
  }
}

function secondsOf(text) {
  const seconds = Number(text)
  return text && Number.isFinite(seconds) && seconds >= 0 ? seconds : null
}

async function learnClock(serverNow, asked, answered) {
  const believed = store.meta("offset")
  const offset = offsetAfter(believed, serverNow, asked, answered)
  if (offset !== believed) await store.remember({ offset })
}

// Floorwalk-Device is what the office's list of tablets shows: which version, how much is unsent since
// when.
function headersFor(type, range) {
  const device = {
    id: store.meta("device"),
    version,
    waiting: store.meta("unsent")?.waiting ?? 0,
    oldest: store.meta("unsent")?.oldest ?? null,
    offset: store.meta("offset") ?? null,
    persisted: store.meta("persisted") ?? false,
  }
  const headers = { Accept: "application/json", "Floorwalk-Device": JSON.stringify(device) }
  if (type) headers["Content-Type"] = type
  if (range) headers["Content-Range"] = range
  return headers
}
