// Makes the ids of a gesture's acts idempotent: their random bits come from the form's hidden act_id,
// their time from the tap. A form that is sent twice (a double tap, a retry after the worker was killed
// between commit and answer) makes the same acts, and ids still sort by when things happened. The n-th
// act counts on from the first.

import { ACT_ID, ulid } from "./act.js"

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
const CHANCE = 16 // of a ULID's 26 letters, the 80 random bits; the first ten are the time

/** The random letters of an id: what two sendings of one form have in common. */
export const chanceOf = id => id.slice(-CHANCE)

/** The id of the n-th act of a gesture whose form carried `formId`, made at `at` (ms). */
export const actIdOf = (formId, at, n) => `act:${ulid(at, bitsOf(chanceOf(formId)) + BigInt(n))}`

/** Whether `id`, as a form sent it, is the id of an act. */
export const isActId = id => typeof id === "string" && ACT_ID.test(id)

function bitsOf(letters) {
  return Array.from(letters).reduce(
    (number, letter) => number * 32n + BigInt(ALPHABET.indexOf(letter)),
    0n,
  )
}
