// Full-text search over packed segments: each is one long string of lines "\n<id>␁words", scanned with
// indexOf. There are two of each number: what was written, and in letters and digits alone, a byte each,
// pinyin and initials; a question reads those that its words can stand in. A token index in IndexedDB was
// measured and refused: three times the bytes, twice the time of the first sync.

import { askedWords, searchWords } from "./search_words.js"

// Lines of another version are written anew: raise it when a record's line changes.
export const SEARCH_VERSION = 4
// Chromium moves values of about 64 KB and more out of its database into files.
export const LINES = 250 // in a segment, some 29,000 letters
const LETTERS = 29_000 // after which a segment of long texts is full as well

const ID_ENDS = "\u0001"
const FIELD_ENDS = "\u0002"
export const WRITTEN = 0
export const SPELT = 1

const sortOf = word => (/^[0-9a-z ]*$/.test(word) ? SPELT : WRITTEN)

// One letter after the other: a part of a string of two bytes a letter is of two bytes itself.
const inBytes = word => Array.from((word.match(/[0-9a-z]+/g) ?? []).join(" ")).join("")

/** Return the sorts of segments that a question is looked for in. */
export const sortsFor = question => new Set(askedWords(question).map(sortOf))

/** Return what texts of a record are found by, a line of each sort; null for one that is not searched. */
export function searchTexts(readings, texts, full) {
  const { [WRITTEN]: written = [], [SPELT]: spelt = [] } = Object.groupBy(
    searchWords(readings, texts, full),
    sortOf,
  )
  const words = [...spelt, ...written.map(inBytes).filter(Boolean)]
  return words.length || written.length ? [written.join(FIELD_ENDS), words.join(FIELD_ENDS)] : null
}

/** Whether segments of one number, with so many lines, take no further one. */
export const isFull = (segments, lines) =>
  lines >= LINES || segments.some((one, sort) => one.length >= LETTERS * (1 + sort))

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
 * `segments` has an array of strings with holes for each sort, `types` limits the search to some kinds of
 * record. Of the kinds in `ranked` those come first that have the words at their beginning, in the title.
 */
export function searchIn(segments, question, { types = null, most = 25, ranked = [] } = {}) {
  const words = askedWords(question).sort((one, other) => other.length - one.length)
  if (words.length === 0) return []
  const hits = new Map(types?.map(kind => [kind, []]))
  const isDone = () => types?.every(kind => !ranked.includes(kind) && hits.get(kind).length >= most)
  for (let n = segments[sortOf(words[0])].length - 1; n >= 0 && !isDone(); n--) {
    const texts = segments.map(some => some?.[n] ?? "")
    for (const { id, kind, at } of hitsIn(texts, words, types).reverse()) {
      if (!hits.has(kind)) hits.set(kind, [])
      hits.get(kind).push({ id, at })
    }
  }
  return [...hits].flatMap(([kind, found]) => {
    if (ranked.includes(kind)) found.sort((one, other) => one.at - other.at)
    return found.slice(0, most).map(one => one.id)
  })
}

function hitsIn(texts, words, types) {
  const sorts = words.map(sortOf)
  const text = texts[sorts[0]]
  const found = []
  let others // lines of the other sort by id, where a word stands in those
  for (let at = text.indexOf(words[0]); at >= 0;) {
    const start = text.lastIndexOf("\n", at)
    const ends = text.indexOf(ID_ENDS, start)
    const next = text.indexOf("\n", at)
    const id = text.slice(start + 1, ends)
    const kind = id.slice(0, id.indexOf(":"))
    if (!types || types.includes(kind)) {
      const line = text.slice(ends + 1, next < 0 ? undefined : next)
      const places = words.map((word, n) => {
        if (sorts[n] === sorts[0]) return line.indexOf(word)
        others ??= linesOf(texts[sorts[n]])
        return others.get(id)?.indexOf(word) ?? -1
      })
      if (!places.includes(-1)) found.push({ id, kind, at: Math.max(...places) })
    }
    at = next < 0 ? -1 : text.indexOf(words[0], next)
  }
  return found
}

const linesOf = text => new Map(text.split("\n").map(line => line.split(ID_ENDS)))
