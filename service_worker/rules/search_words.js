// What a record is found by, and in which order names stand: the same on both ends. Twin of
// sync/search_words.py, function by function. Cases: tests/vectors/search_words.json.
//
// Whatever a person may type for a name finds it: every reading of its characters, surname's and common
// one, and the initials of each. The table of readings is made by build/pinyin_table.py.

import { folded, foldedWords } from "./text_folding.js"

const SPELLINGS = 16 // of one name at most; the later characters are spelt as usual then
const NAME = 12 // characters; what is longer is a sentence, and is spelt one way
const LONGEST = 60 // characters; nobody types more of a text as pinyin
const FIRST = 0x3400 // of the ideographs
const LETTERS = 0x100 // the letter that stands for the table's first syllable

const ENTRY = /([0-9]*)([^0-9])/gu
const SURNAME = /([^a-z ]+)([a-z]+)/gu
const DASHES = /[\u2010-\u2015\u2212-]/gu
const IN_NUMBERS = /(?<=[0-9]) (?=[0-9])/gu
// Of a long text: what is written with a blank between a number and an ideograph is asked without.
const BESIDE_HAN = /(?<=[\x80-\u{10ffff}]) | (?=[\x80-\u{10ffff}])/gu
// China's before a number of its own; nobody types it in a search for what was written without.
const COUNTRY = /^(?:\+86|(?:00)?86(?=1[0-9]{10}$))/u

/**
 * Return the table that pinyin_table.py wrote: {of: character → [syllables, the commonest first],
 * surnames: surname → how it is spelt}.
 */
export function readingsIn(table) {
  const [said, surnames, ...lines] = table.split("\n")
  // Letter by letter: a part of the table would be of two bytes a letter, as the table is.
  const syllables = said.split(" ").map(one => Array.from(one).join(""))
  const of = new Map()
  for (const line of lines) {
    let letter = FIRST - 1
    for (const [, gap, syllable] of line.matchAll(ENTRY)) {
      letter += Number(gap || 1)
      const spelt = syllables[syllable.codePointAt(0) - LETTERS]
      const character = String.fromCodePoint(letter)
      const known = of.get(character)
      if (known) known.push(spelt)
      else of.set(character, [spelt])
    }
  }
  const names = Array.from(surnames.matchAll(SURNAME), ([, name, spelt]) => [name, spelt])
  return { of, surnames: new Map(names) }
}

/**
 * Return what a person may type for a text: every spelling, then every row of initials.
 *
 * A character of several readings gives several; ü is typed v, u or yu; dots are not typed, nor is a
 * character that the table does not know.
 */
export function pinyinKeys(readings, text) {
  const letters = Array.from(folded(text))
    .slice(0, LONGEST)
    .filter(letter => isTyped(readings, letter))
  if (!letters.some(letter => readings.of.has(letter))) return []
  const syllables = letters.map(letter => typed(readings, letter))
  const most = letters.length <= NAME ? SPELLINGS : 1
  while (count(syllables) > most) {
    const last = syllables.findLastIndex(one => one.length > 1)
    syllables[last] = syllables[last].slice(0, 1)
  }
  const add = (spelt, one) => spelt.flatMap(parts => one.map(part => [...parts, part]))
  const spelt = syllables.reduce(add, [[]])
  const whole = spelt.map(parts => parts.join(""))
  const initials = spelt.map(parts => parts.map(part => part[0]).join(""))
  return [...new Set([...whole, ...initials])]
}

/** Return a text that sorts as a name does in a list: by pinyin, the surname read as one. */
export function sortingKey(readings, name) {
  const rest = Array.from(folded(name))
  const named = n => rest.slice(0, n).join("")
  const many = [2, 1].find(n => readings.surnames.has(named(n))) ?? 0
  const first = many ? [readings.surnames.get(named(many)) + " "] : []
  const others = rest.slice(many).map(letter => sortedAs(readings, letter))
  return [...first, ...others, " ", ...rest].join("")
}

/** Return the texts of a record that search reads, as its declaration says; numbers as text. */
export function searchedTexts(declarations, record) {
  const declared = declarations.records[record.type]
  if (!declared?.finds?.length) return []
  return [...declared.finds, "title"]
    .map(name => record[name])
    .filter(value => typeof value === "string" || Number.isSafeInteger(value))
    .map(String)
}

/** Return the texts of a record that search reads from end to end. */
export function fullTexts(declarations, record) {
  const names = declarations.records[record.type]?.full_text ?? []
  return names.map(name => record[name]).filter(value => typeof value === "string")
}

/**
 * Return what texts are found by: each folded, then its pinyin. Blanks in numbers and beside ideographs are
 * away. A full text is found by its words and by the initials of all of it.
 */
export function searchWords(readings, texts, full = []) {
  const words = new Set()
  for (const text of texts) {
    words.add(unparted(text))
    for (const key of pinyinKeys(readings, text)) words.add(key)
  }
  for (const text of full) {
    const plain = unparted(text)
    words.add(plain)
    words.add(Array.from(plain, letter => initial(readings, letter)).join(""))
  }
  return [...words].filter(Boolean)
}

/** Return the words of a question; whatever has all of them in its search words is found. */
export function askedWords(question) {
  return foldedWords(question).map(asked).filter(Boolean)
}

/**
 * Return a text in parts, [words, whether they were asked for]: literally or as pinyin. Of a text that is
 * longer than `most` letters only those about the first hit, with dots.
 */
export function marked(readings, text, question, most = 0) {
  const [words, letters] = [askedWords(question), Array.from(text)]
  const plain = new Plain(letters)
  let first = letters.findIndex((_letter, at) => endOfHit(readings, plain, at, words))
  first = Math.max(0, first)
  const begins = most && most < letters.length ? Math.max(0, first - Math.floor(most / 4)) : 0
  const ends = most ? Math.min(letters.length, begins + most) : letters.length
  const parts = begins ? [["…", false]] : []
  let hit = begins
  for (let at = begins; at < ends; at++) {
    hit = Math.max(hit, endOfHit(readings, plain, at, words))
    if (parts.at(-1)?.[1] !== at < hit) parts.push(["", at < hit])
    parts.at(-1)[0] += letters[at]
  }
  return ends < letters.length ? [...parts, ["…", false]] : parts
}

// Private

// The letters of a text, each folded when it is asked for.
class Plain {
  constructor(letters) {
    this.letters = letters
    this.length = letters.length
    this.known = []
  }

  at(n) {
    const letter = this.letters[n]
    const isPlain = letter >= "\u4e00" && letter < "\u9fff" // an ideograph folds to itself
    return (this.known[n] ??= isPlain ? letter : joined(folded(letter)))
  }
}

// Returns where the longest of the words that begins at a letter ends; 0 for none.
function endOfHit(readings, plain, at, words) {
  return Math.max(0, ...words.map(word => meets(readings, plain, at, word)))
}

// Returns where a word ends that begins at a letter: each is there, or its syllable, or the first letter of
// that; what folds to nothing lies between. 0 for a word that is not there.
function meets(readings, plain, at, word, begun = false) {
  if (!word) return at
  while (begun && at < plain.length && !plain.at(at)) at++
  const letter = at < plain.length ? plain.at(at) : ""
  if (!letter) return 0
  const isSpelt = (begun || word.length > 1) && word[0] < "\x80" && readings.of.has(letter)
  if (isSpelt && !readings.of.get(letter).some(said => said[0] === word[0])) return 0 // mostly
  const starts = isSpelt ? typed(readings, letter).flatMap(said => [said, said[0]]) : [letter]
  for (const start of starts) {
    const end =
      word.startsWith(start) && meets(readings, plain, at + 1, word.slice(start.length), true)
    if (end) return end
  }
  return 0
}

function initial(readings, letter) {
  return readings.of.get(letter)?.[0][0] ?? (isTyped(readings, letter) ? letter : " ")
}

function unparted(text) {
  return joined(folded(text)).replace(BESIDE_HAN, "")
}

function joined(plain) {
  return plain.replace(DASHES, "").replace(IN_NUMBERS, "")
}

function asked(word) {
  return word.replace(DASHES, "").replaceAll("\xfc", "v").replace(COUNTRY, "")
}

function isTyped(readings, letter) {
  return readings.of.has(letter) || /^[0-9a-z]$/.test(letter)
}

function sortedAs(readings, letter) {
  return readings.of.has(letter) ? readings.of.get(letter)[0] + " " : letter
}

function count(syllables) {
  return syllables.reduce((product, one) => product * one.length, 1)
}

function typed(readings, letter) {
  const found = (readings.of.get(letter) ?? []).flatMap(syllable => {
    if (!syllable.includes("v")) return [syllable]
    return [syllable, syllable.replace("v", "u"), syllable.replace("v", "yu")]
  })
  return found.length ? found : [letter]
}
