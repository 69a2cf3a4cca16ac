// The worker: listeners only. What an answer is stands in app.js, when to sync in web/scripts/leader.js.

import { frontDoor, handle } from "./app.js"
import { within } from "./base/limits.js"
import { asset, dropOldVersions, isAsset, precache } from "./shell.js"
import { doubt } from "./sync/session.js"
import { hear } from "./page_messages.js"
import { syncOrFail } from "./sync/sync_turn.js"

const TIDIES = 5_000 // ms; until it is active a new version answers nobody

self.addEventListener("install", event => event.waitUntil(precache()))

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
    // The server answers; here it only stands to reason that somebody else is at the tablet now.
    if (event.request.method === "POST") event.waitUntil(doubt())
  }
})

self.addEventListener("message", event => event.waitUntil(hear(event)))

// A background sync that fails is tried again by the browser, which knows when there is a network.
self.addEventListener("sync", event => event.waitUntil(syncOrFail()))
