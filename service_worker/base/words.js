// Translates the sentences that are written in JavaScript: `_` marks one where it is written (gettext's
// convention, so that the extraction finds it), `translated` looks it up when it is shown. A catalogue is
// {sentence: translation or [plural forms]}, with those of the sentences that the build numbered as a list under "".
//
// The first language's catalogue is in this script. Another's is learnt when somebody speaks it (languages.js).

import { messages } from "../generated/messages.js"

export const FIRST_LANGUAGE = Object.keys(messages)[0]

const catalogues = { ...messages }

/** Mark a sentence for translation. In the bundle it is a number (build/sentences.mjs), so it cannot be shown as it is. */
export const _ = sentence => sentence

/** Whether the words of a language are at hand. */
export const speaks = language => Object.hasOwn(catalogues, language)

/** Take in the catalogue of a language. */
export function learnWords(language, catalogue) {
  catalogues[language] = catalogue
}

/** Return a language's catalogue for `render`; the first one's while its words are not at hand. */
export const catalogueOf = language => catalogues[language] ?? catalogues[FIRST_LANGUAGE]

/** Return the sentence in a language, with %(name)s filled in from `values`. */
export function translated(language, sentence, values = {}) {
  const catalogue = catalogueOf(language)
  const translation = typeof sentence === "number" ? catalogue[""][sentence] : catalogue[sentence]
  const text = typeof translation === "string" ? translation : String(sentence)
  return text.replace(/%\((\w+)\)s/g, (placeholder, name) =>
    Object.hasOwn(values, name) ? String(values[name]) : placeholder,
  )
}

/**
 * Return a sentence of the server in another language, if it is one of our catalogues'; else as it is.
 *
 * The reason of a refusal is stored in the language in which it came, and read by people of others.
 */
export function retranslated(language, sentence) {
  for (const catalogue of Object.values(catalogues)) {
    const number = catalogue[""]?.indexOf(sentence) ?? -1
    const said = Object.keys(catalogue).find(key => catalogue[key] === sentence)
    if (number > 0 || said) return translated(language, said ?? number)
  }
  return translated(language, sentence)
}

// What is wrong with a field, by the code that rules/check_act.js gives.
const PROBLEMS = {
  required: _("This is still needed."),
  not_text: _("Write it in words."),
  too_long: _("This is too long."),
  not_a_phone: _("A phone number has digits, spaces, + and - only."),
  not_a_choice: _("Choose one of those offered."),
  not_a_list: _("Choose from those offered."),
  not_a_number: _("Write a whole number."),
  changed_meanwhile: _("Somebody changed this meanwhile. Look at it again, then say it."),
  too_small: _("This number is too small."),
  too_big: _("This number is too big."),
  not_a_flag: _("Say yes or no."),
  not_a_moment: _("This is no date and time we can keep."),
  not_an_id: _("Choose it from the list."),
  too_many: _("These are too many."),
  not_a_photo: _("This is no photo."),
  not_a_signature: _("The signature could not be read. Please sign again."),
  too_little_ink: _("This is not a name yet. Please write it out, or say why it cannot be signed."),
  not_editable: _("This cannot be corrected."),
  not_your_post: _("Your post may not do this."),
}

/** Return the sentence, in English, for a code of PROBLEMS; one that fits any for an unknown code. */
export const fieldProblem = code => PROBLEMS[code] ?? _("This cannot be kept as it is.")
