// Text as it is compared, checked and searched; what was typed stays what is shown. Twin of
// sync/text_folding.py, function by function. Cases: tests/vectors/text_folding.json.
//
// Classes are written out, since \s and Unicode itself differ between the two languages: Python 3.11
// knows Unicode 14, a new browser 17. Only what both know is folded; the rest stays as it is.

// Not folded: letters and marks newer than Unicode 14, and scripts beyond the first plane but for
// mathematical letters, enclosed ones and ideographs.
const FOLDED =
  "\\x00-\\u088e\\u0890-\\u0896\\u0898-\\u1ace\\u1b00-\\u1c88\\u1c8b-\\ua7ca\\ua7f2-\\ud7ff\\ue000-\\uffff" +
  "\\u{1d400}-\\u{1d7ff}\\u{1f100}-\\u{1f2ff}\\u{20000}-\\u{2a6df}\\u{2f800}-\\u{2fa1f}"
// Letters that nobody sees: controls, joiners, variation selectors, and what turns the direction.
const UNSEEN =
  "\\x00-\\x08\\x0e-\\x1b\\x7f-\\x84\\x86-\\x9f\\xad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5" +
  "\\u180b-\\u180f\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\u3164\\ufe00-\\ufe0f\\ufeff" +
  "\\uffa0\\ufff0-\\uffff\\u{e0000}-\\u{e0fff}"
const BLANK =
  "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"
const DOT = "\\xb7\\u0387\\u2022\\u2027\\u2219\\u22c5\\u2e31\\u2e33\\u30fb\\uff65"
const HAN = "\\u3005-\\u3007\\u3400-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{2fa1f}"

const pattern = (source, flags = "gu") => new RegExp(source, flags)
const KNOWN = pattern(`[${FOLDED}]+`)
const INVISIBLE = pattern(`[${UNSEEN}]`)
const SEEN = pattern(`[^${UNSEEN}${BLANK}]`, "u")
const BLANKS = pattern(`[${BLANK}]+`)
const DOTS = pattern(` ?[${DOT}] ?`)
const HAN_DOT = pattern(`(?<=[${HAN}]) ?\\. ?(?=[${HAN}])`)
const HAN_BLANK = pattern(`(?<=[${HAN}]) (?=[${HAN}])`)
const SIMPLE = /^[!-@[-~]*$/ // what folding leaves as it is
const LONGEST_NUMBER = 15 // digits, as many as a whole number has in JavaScript

/** Return a text as it is compared: width, case, blanks, dots and invisible letters are alike. */
export function folded(text) {
  if (SIMPLE.test(text)) return text
  const plain = visible(text).replace(KNOWN, normal)
  const low = plain.replace(KNOWN, lower).replace(KNOWN, normal).replaceAll("\u03c2", "\u03c3")
  const blanked = low.replace(BLANKS, " ").replace(/^ +| +$/g, "")
  return blanked.replace(DOTS, "\xb7").replace(HAN_DOT, "\xb7").replace(HAN_BLANK, "")
}

/** Say whether there is nothing to see in a text: blanks and invisible letters alone. */
export function isBlank(text) {
  return !SEEN.test(text)
}

/** Return a text without letters that nobody sees, otherwise as it was typed. */
export function visible(text) {
  return text.replace(INVISIBLE, "")
}

/** Return the words of a text, each folded: between ideographs blanks part words here. */
export function foldedWords(text) {
  return visible(text).split(BLANKS).map(folded).filter(Boolean)
}

/** Return the whole number that somebody typed, or null: `５００` is 500. */
export function wholeNumber(text) {
  const digits = folded(text)
  const isOne = new RegExp(`^-?[0-9]{1,${LONGEST_NUMBER}}$`).test(digits)
  return isOne ? Number(digits) : null
}

// Private

function normal(run) {
  return run.normalize("NFKC")
}

// Letter by letter: a sigma at an end is like any other.
function lower(run) {
  return Array.from(run, letter => letter.toLowerCase()).join("")
}
