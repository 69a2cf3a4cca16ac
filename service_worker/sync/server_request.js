// One request to the site's server, and what it means when it fails. A failure is a named trouble with
// one sentence saying what the person should do; nothing here throws.

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
 * Ask the server, for `patience` ms at most.
 *
 * Return {status, body, now, epoch} or {trouble, status?, retryAfter?}; `body` is parsed JSON.
 * `anyAnswer` takes an answer that is not ours, a redirect for instance, for what it is.
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
    return await understood(response, asked)
  } catch {
    return { trouble: "offline" }
  }
}

async function understood(response, asked) {
  const answered = deviceNow()
  const { status, headers } = response
  const now = Number(headers.get("Floorwalk-Now"))
  const isOurs = headers.has("Floorwalk-Now") && Number.isSafeInteger(now)
  if (isOurs) await learnClock(now, asked, answered)
  if (status === 401) return { trouble: "signed_out", status }
  if (status === 413) return { trouble: "too_big", status }
  if (status === 429 || status >= 500) {
    return { trouble: "busy", status, retryAfter: secondsOf(headers.get("Retry-After")) }
  }
  // Somebody else answers in the server's name: a hotspot's own page.
  if (!isOurs) return { trouble: "portal", status }
  if (status >= 400) return { trouble: "stopped", status, code: await codeOf(response) }
  const epoch = headers.get("Floorwalk-Epoch")
  const isJson = (headers.get("Content-Type") ?? "").startsWith("application/json")
  return { status, now, epoch, body: isJson ? await response.json() : await response.blob() }
}

async function codeOf(response) {
  try {
    const said = await response.json()
    return said.error ?? said.code ?? ""
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

// What the server's list of devices shows: who, which version, and how much has not arrived.
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
