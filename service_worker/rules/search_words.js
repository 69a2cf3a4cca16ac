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
// China's before a number of its own; nobody types it in a search for what was written without.
const COUNTRY = /^(?:\+86|(?:00)?86(?=1[0-9]{10}$))/u

/**
 * Return the table that pinyin_table.py wrote: {of: character → [syllables, the commonest first],
 * surnames: surname → how it is spelt}.
 */
export function readingsIn(table) {
  const [said, surnames, ...lines] = table.split("\n")
  const syllables = said.split(" ")
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

/** Return what texts are found by: each folded, then its pinyin. Blanks in numbers are away. */
export function searchWords(readings, texts) {
  const words = new Set()
  for (const text of texts) {
    words.add(folded(text).replace(DASHES, "").replace(IN_NUMBERS, ""))
    for (const key of pinyinKeys(readings, text)) words.add(key)
  }
  return [...words].filter(Boolean)
}

/** Return the words of a question; whatever has all of them in its search words is found. */
export function askedWords(question) {
  return foldedWords(question).map(asked).filter(Boolean)
}

// Private

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
