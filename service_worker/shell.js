// The app's own files: kept under this version's name when it is installed, so that an old page never
// meets new files. A version whose last file did not come is not installed at all.

import { within } from "./base/limits.js"
import { assets, version } from "./generated/version.js"

const PREFIX = "floorwalk-"
const NAME = PREFIX + version
const FOLDER = "/static/"
const ARRIVES = 60_000 // ms that one file may take to be fetched
const FINDS = 2_000 // ms that the device may take to look into its cache

/** Fetch every file, past the browser's own cache. Throws when one is missing or not what it should be. */
export async function precache() {
  const cache = await caches.open(NAME)
  await Promise.all(
    assets.map(async asset => {
      const response = await fetch(FOLDER + asset, {
        ...{ cache: "reload", credentials: "same-origin" },
        signal: AbortSignal.timeout(ARRIVES),
      })
      // A hotspot answers with a page of its own where a script should be.
      const isPage = (response.headers.get("Content-Type") ?? "").startsWith("text/html")
      if (!response.ok || response.redirected || isPage) throw new Error(`no ${asset}`)
      await cache.put(FOLDER + asset, response)
    }),
  )
}

/** Remove the files of other versions. */
export async function dropOldVersions() {
  for (const name of await caches.keys()) {
    if (name.startsWith(PREFIX) && name !== NAME) await caches.delete(name)
  }
}

/** Whether a path is one of the app's files. */
export const isAsset = path => path.startsWith(FOLDER)

/** One of the app's files: as it was installed, or else as the server has it. */
export async function asset(request) {
  const path = new URL(request.url).pathname
  const kept = await within(
    FINDS,
    caches.open(NAME).then(cache => cache.match(path)),
  )
  return kept ?? fetch(request, { signal: AbortSignal.timeout(ARRIVES) })
}
