// Sentences that JavaScript says: marked here, translated when they are shown.

import { messages } from "../generated/messages.js"

/** Mark a sentence for translation; English is the identity. */
export const _ = sentence => sentence

/** Return the sentence in a language, with %(name)s filled in from `values`. */
export function translated(locale, sentence, values = {}) {
  const known = messages[locale]?.[sentence]
  const text = typeof known === "string" ? known : sentence
  return text.replace(/%\((\w+)\)s/g, (found, name) =>
    Object.hasOwn(values, name) ? String(values[name]) : found,
  )
}

/** Return a sentence that the server said in another language, if it is one of ours. */
export function resaid(locale, said) {
  for (const known of Object.values(messages)) {
    const found = Object.entries(known).find(([, text]) => text === said)
    if (found) return translated(locale, found[0])
  }
  return translated(locale, said)
}

// What is wrong with a field, by the code that sync/check_act.py gives.
const PROBLEMS = {
  required: _("This is still needed."),
  not_text: _("Write it in words."),
  too_long: _("This is too long."),
  not_a_phone: _("A phone number has digits, spaces, + and - only."),
  not_a_choice: _("Choose one of those offered."),
  not_a_list: _("Choose from those offered."),
  not_a_number: _("Write a whole number."),
  too_small: _("This number is too small."),
  too_big: _("This number is too big."),
  not_a_flag: _("Say yes or no."),
  not_a_moment: _("This is no date and time we can keep."),
  not_an_id: _("Choose it from the list."),
  too_many: _("These are too many."),
  not_a_photo: _("This is no photo."),
  not_a_signature: _("The signature could not be read. Please sign again."),
  not_editable: _("This cannot be corrected."),
  not_your_post: _("Your post may not do this."),
}

/** Return the sentence for a problem code. */
export const problemWords = code => PROBLEMS[code] ?? _("This cannot be kept as it is.")
