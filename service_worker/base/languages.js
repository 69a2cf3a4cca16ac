// The words of other languages than the first: files that are fetched when somebody speaks one, and then lie with
// the app's own files, so that it can be spoken without a network for good.

import { version } from "../generated/version.js"
import { within } from "./time_limits.js"
import { FIRST_LANGUAGE, learnWords, speaks } from "./words.js"

const PREFIX = "floorwalk-" // of the caches of the app's files, one a version
const FILE = /^\/static\/words-\w+\.json$/
const FINDS = 800 // ms that the device may take to look into its cache
const ARRIVES = 1_500 // ms that a file may take while a page waits for it
const AGAIN = 30_000 // ms after a failure before a page asks the network again

export const CACHE = PREFIX + version

const learning = new Map() // language → promise of whether it could be learnt
const failed = new Map() // language → when it could not be had, ms

/**
 * Return whether a language can be spoken now: its words are at hand, kept here, or come from the server.
 *
 * `now` (ms) is when a page asks, which does not ask the network again and again; without it the network is asked.
 */
export function learn(language, { now = null, patience = ARRIVES } = {}) {
  if (speaks(language)) return Promise.resolve(true)
  if (!learning.has(language)) {
    const lately = now !== null && now - (failed.get(language) ?? -Infinity) < AGAIN
    const learnt = learnOnce(language, lately ? 0 : patience).then(isLearnt => {
      learning.delete(language)
      if (!isLearnt && !lately && now !== null) failed.set(language, now)
      return isLearnt
    })
    learning.set(language, learnt)
  }
  return learning.get(language)
}

/** Return the language itself if it can be spoken now, else the first one. */
export const spoken = async (language, options) =>
  (await learn(language, options)) ? language : FIRST_LANGUAGE

/** Return the paths of words that the app's other versions keep here: a new one has to bring them as well. */
export async function wordsOfOthers() {
  const found = new Set()
  for (const name of await otherCaches()) {
    const kept = await (await caches.open(name)).keys()
    for (const { url } of kept) {
      const { pathname } = new URL(url)
      if (FILE.test(pathname)) found.add(pathname)
    }
  }
  return [...found]
}

/** Return the names of the caches of other versions of the app. */
export async function otherCaches() {
  const names = await caches.keys()
  return names.filter(name => name.startsWith(PREFIX) && name !== CACHE)
}

// Private

async function learnOnce(language, patience) {
  const path = `/static/words-${language}.json`
  try {
    const kept = await within(FINDS, look(path)).catch(() => null)
    const response = kept ?? (patience ? await fetched(path, patience) : null)
    if (!response) return false
    learnWords(language, await response.json())
    return true
  } catch {
    return false
  }
}

const look = async path => (await caches.open(CACHE)).match(path)

// A captive portal answers with a page of its own, which is no JSON and is not kept.
async function fetched(path, patience) {
  const response = await fetch(path, { cache: "no-cache", signal: AbortSignal.timeout(patience) })
  const isWords = (response.headers.get("Content-Type") ?? "").startsWith("application/json")
  if (!response.ok || response.redirected || !isWords) return null
  const cache = await caches.open(CACHE)
  await cache.put(path, response.clone())
  return response
}
