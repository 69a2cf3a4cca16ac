// Ids of a gesture. The form's act_id gives the chance, the tap gives the time: a form sent twice is
// the same acts, and ids still sort by when things happened. The n-th act counts on from the first.

import { ACT_ID, ulid } from "./act.js"

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
const CHANCE = 16 // letters of a ULID that are not time

/** The letters of chance of an id. */
export const chanceOf = id => id.slice(-CHANCE)

/** The id of the n-th act of a gesture whose form carried `formId`, made at `at` (ms). */
export const actIdOf = (formId, at, n) => `act:${ulid(at, bitsOf(chanceOf(formId)) + BigInt(n))}`

/** Whether a form really carries the id of an act. */
export const isActId = id => typeof id === "string" && ACT_ID.test(id)

function bitsOf(letters) {
  return Array.from(letters).reduce(
    (number, letter) => number * 32n + BigInt(ALPHABET.indexOf(letter)),
    0n,
  )
}
