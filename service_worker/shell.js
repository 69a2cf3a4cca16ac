// Precache of the app's own files in the Cache Storage, one cache per version, filled when the version is
// installed: an old page never meets new files. If one file cannot be fetched the installation fails as a
// whole, and the old version stays.

import { headOnly } from "./base/conditional.js"
import { CACHE, otherCaches, wordsOfOthers } from "./base/languages.js"
import { within } from "./base/time_limits.js"
import { assets } from "./generated/version.js"

const FOLDER = "/static/"
const ARRIVES = 60_000 // ms that one file may take to be fetched
const FINDS = 2_000 // ms that the device may take to look into its cache

/**
 * Fetch every file, past the browser's HTTP cache, and the words of every language that the version before keeps.
 * Throws when one is missing or not what it should be.
 */
export async function precache() {
  const cache = await caches.open(CACHE)
  const words = (await within(FINDS, wordsOfOthers())) ?? [] // else they are fetched when somebody speaks them
  const paths = [...assets.map(asset => FOLDER + asset), ...words]
  await Promise.all(
    paths.map(async path => {
      const response = await fetch(path, {
        ...{ cache: "reload", credentials: "same-origin" },
        signal: AbortSignal.timeout(ARRIVES),
      })
      if (response.status === 404 && words.includes(path)) return // no language of this version any more
      // A captive portal answers 200 with an HTML page of its own where a script should be.
      const isPage = (response.headers.get("Content-Type") ?? "").startsWith("text/html")
      if (!response.ok || response.redirected || isPage) throw new Error(`no ${path}`)
      await cache.put(path, response)
    }),
  )
}

/** Delete the caches of other versions, once this one is active. */
export async function dropOldVersions() {
  for (const name of await otherCaches()) await caches.delete(name)
}

/** Whether a path is one of the app's files. */
export const isAsset = path => path.startsWith(FOLDER)

/** Return the Response for one of the app's files: from the precache, or else from the server. */
export async function asset(request) {
  const path = new URL(request.url).pathname
  const isRead = ["GET", "HEAD"].includes(request.method)
  const kept = isRead && (await within(FINDS, look(path)))
  if (!kept) return fetch(request, { signal: AbortSignal.timeout(ARRIVES) })
  const etag = kept.headers.get("ETag")
  if (etag && request.headers.get("If-None-Match") === etag) {
    return new Response(null, { status: 304, headers: { ETag: etag } })
  }
  return request.method === "HEAD" ? headOnly(kept) : kept
}

const look = async path => (await caches.open(CACHE)).match(path)
