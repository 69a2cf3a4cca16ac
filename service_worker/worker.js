// The service worker's entry point: event listeners only. Requests are answered in app.js; when to
// replicate is decided by a page, in web/scripts/leader.js.

import { frontDoor, handle } from "./app.js"
import { keepReadings } from "./base/pinyin.js"
import { within } from "./base/time_limits.js"
import { asset, dropOldVersions, isAsset, precache } from "./shell.js"
import { doubtSession } from "./sync/session.js"
import { answerMessage } from "./page_messages.js"
import { syncOrFail } from "./sync/sync_turn.js"

const TIDIES = 5_000 // ms; until it is active a new version answers nobody

// No skipWaiting here: a new version under an old page's feet would answer it with other fragments. A page
// lets it take over between two screens (web/scripts/update.js).
self.addEventListener("install", event => event.waitUntil(precache().then(keepReadings)))

self.addEventListener("activate", event => {
  event.waitUntil(within(TIDIES, dropOldVersions()).then(() => self.clients.claim()))
})

self.addEventListener("fetch", event => {
  const { origin, pathname } = new URL(event.request.url)
  if (origin !== self.location.origin) return
  if (pathname.startsWith("/floor/") || pathname === "/floor") {
    event.respondWith(handle(event.request))
  } else if (isAsset(pathname)) {
    event.respondWith(asset(event.request))
  } else if (pathname === "/" && event.request.mode === "navigate") {
    event.respondWith(frontDoor(event.request))
  } else if (pathname === "/sign-in" || pathname === "/sign-out") {
    // The server answers. The worker only learns that somebody else may be at the tablet from now on.
    if (event.request.method === "POST") event.waitUntil(doubtSession())
  }
})

self.addEventListener("message", event => event.waitUntil(answerMessage(event)))

// Background Sync, where a browser has it (Chromium): it fires when the network is back, even with no page
// open, and again later if the promise is rejected.
self.addEventListener("sync", event => event.waitUntil(syncOrFail()))
