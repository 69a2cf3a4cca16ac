// Full-text search over packed segments: each is one long string of lines "\n<id>␁words", scanned with
// indexOf. A token index in IndexedDB was measured and refused: three times the bytes, twice the time
// of the first sync, and 30 ms for a search that takes 1.4 ms here (20,000 records).

import { askedWords, searchWords } from "./search_words.js"

// Lines of another version are written anew: raise it when a record's line changes.
export const SEARCH_VERSION = 2
// Some 29,000 characters: Chromium moves values of about 64 KB and more out of its database into files.
export const LINES = 250 // in a segment

const ID_ENDS = "\u0001"
const FIELD_ENDS = "\u0002"

/** Return what texts of a record are found by, as one line; "" for a record that is not searched. */
export const searchText = (readings, texts) => searchWords(readings, texts).join(FIELD_ENDS)

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
 * Return the ids of lines that have every word, the newest segment first, at most `most`.
 *
 * `segments` is an array of strings with holes, `types` limits the search to some kinds of record.
 */
export function searchIn(segments, question, { types = null, most = 25 } = {}) {
  const words = askedWords(question)
  if (words.length === 0) return []
  const hits = []
  for (let n = segments.length - 1; n >= 0 && hits.length < most; n--) {
    if (segments[n]) searchSegment(segments[n], words, types, most, hits)
  }
  return hits
}

function searchSegment(segment, words, types, most, hits) {
  // From the end: what came last is asked for most.
  let at = segment.lastIndexOf(words[0])
  while (at >= 0 && hits.length < most) {
    const start = segment.lastIndexOf("\n", at)
    const next = segment.indexOf("\n", at)
    const line = segment.slice(start + 1, next < 0 ? undefined : next)
    const ends = line.indexOf(ID_ENDS)
    const id = line.slice(0, ends)
    const wanted = !types || types.includes(id.slice(0, id.indexOf(":")))
    if (wanted && words.every(word => line.includes(word, ends + 1))) hits.push(id)
    if (start <= 0) return
    at = segment.lastIndexOf(words[0], start - 1)
  }
}
