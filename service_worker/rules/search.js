// Full-text search over packed segments: each is one long string of lines "\n<id>␁words", scanned with
// indexOf. A token index in IndexedDB was measured and refused: three times the bytes, twice the time
// of the first sync, and 30 ms for a search that takes 1.4 ms here (20,000 records).

import { askedWords, searchWords } from "./search_words.js"

// Lines of another version are written anew: raise it when a record's line changes.
export const SEARCH_VERSION = 3
// Chromium moves values of about 64 KB and more out of its database into files.
export const LINES = 250 // in a segment, some 29,000 letters
const LETTERS = 29_000 // after which a segment of long texts is full as well

const ID_ENDS = "\u0001"
const FIELD_ENDS = "\u0002"

/** Return what texts of a record are found by, as one line; "" for a record that is not searched. */
export const searchText = (readings, texts, full) =>
  searchWords(readings, texts, full).join(FIELD_ENDS)

/** Whether a segment of so many lines takes no further one. */
export const isFull = (segment, lines) => lines >= LINES || segment.length >= LETTERS

/** Return the line of a record in its segment. */
export const lineOf = (id, text) => `\n${id}${ID_ENDS}${text}`

/** Return how many lines a segment has. */
export const countLines = segment => segment.split("\n").length - 1

/** Return the segment without the line of a record. */
export function withoutLine(segment, id) {
  const start = segment.indexOf(`\n${id}${ID_ENDS}`)
  if (start < 0) return segment
  const end = segment.indexOf("\n", start + 1)
  return segment.slice(0, start) + (end < 0 ? "" : segment.slice(end))
}

/**
 * Return the ids of lines that have every word, the newest segment first, at most `most` of each kind.
 *
 * `segments` is an array of strings with holes, `types` limits the search to some kinds of record. Of the
 * kinds in `ranked` those come first that have the words at their beginning, in the title.
 */
export function searchIn(segments, question, { types = null, most = 25, ranked = [] } = {}) {
  const words = askedWords(question).sort((one, other) => other.length - one.length)
  if (words.length === 0) return []
  const hits = new Map(types?.map(kind => [kind, []]))
  const isDone = () => types?.every(kind => !ranked.includes(kind) && hits.get(kind).length >= most)
  for (let n = segments.length - 1; n >= 0 && !isDone(); n--) {
    if (segments[n]) searchSegment(segments[n], words, types, hits)
  }
  return [...hits].flatMap(([kind, found]) => {
    if (ranked.includes(kind)) found.sort((one, other) => one.at - other.at)
    return found.slice(0, most).map(one => one.id)
  })
}

function searchSegment(segment, words, types, hits) {
  // From the end: what came last is asked for most.
  let at = segment.lastIndexOf(words[0])
  while (at >= 0) {
    const start = segment.lastIndexOf("\n", at)
    const ends = segment.indexOf(ID_ENDS, start)
    const id = segment.slice(start + 1, ends)
    const kind = id.slice(0, id.indexOf(":"))
    if (!types || types.includes(kind)) {
      const next = segment.indexOf("\n", at)
      const line = segment.slice(ends + 1, next < 0 ? undefined : next)
      const places = words.map(word => line.indexOf(word))
      if (!places.includes(-1)) {
        if (!hits.has(kind)) hits.set(kind, [])
        hits.get(kind).push({ id, at: Math.max(...places) })
      }
    }
    if (start <= 0) return
    at = segment.lastIndexOf(words[0], start - 1)
  }
}
