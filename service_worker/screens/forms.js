// Reads a submitted form into the data of an act, by the kinds of its declared fields; makes record ids
// that are the same when a form is sent twice; and the error, Problem, that becomes a problem page.

import { declarations } from "../generated/declarations.js"
import { readAmount } from "../rules/display_format.js"
import { isActId } from "../rules/gesture_ids.js"
import { isBlank, wholeNumber } from "../rules/text_folding.js"

/** Thrown by a screen that cannot answer: 404 no such record, 403 not for this post, 400 a broken form. */
export class Problem extends Error {
  constructor(status, code = "") {
    super(code || String(status))
    this.status = status
  }
}

/**
 * Return the id of the record of kind `type` that this form makes: the same when the form is sent
 * twice.
 */
export function newId(ask, type) {
  const formId = ask.form?.get("act_id")
  return isActId(formId) ? `${type}:${formId.slice("act:".length)}` : makeNewId(type, ask)
}

function makeNewId(type, ask) {
  return ask.world.actId().replace("act", type)
}

/**
 * Return the data of the act `name`, {field: value}: what the act asks for and the form has. Empty
 * fields are left out; what cannot be read stays text, so that `check` finds the problem and the form
 * shows it. Of a `record` that is changed, only what differs or is needed, and null for what was emptied.
 */
export function dataOf(ask, name, record = null) {
  const declared = declarations.acts[name]
  const fields = declarations.records[name.split(".")[0]].fields
  const data = {}
  for (const asked of declared.asks) {
    const field = fields.find(one => one.name === asked)
    const values = ask.form?.getAll(asked).filter(value => typeof value === "string") ?? []
    const value = values.length ? (READ[field.kind] ?? readText)(values) : undefined
    const before = record?.[asked]
    if (value === undefined) {
      // A form says a field that it shows, also an empty one; a choice that it does not show stays.
      const wasThere = before != null && before !== "" && before.length !== 0
      if (wasThere && ask.form?.has(asked)) data[asked] = null
      continue
    }
    const isNews = !record || JSON.stringify(value) !== JSON.stringify(before)
    if (isNews || declared.needs.includes(asked)) data[asked] = value
  }
  return data
}

/** Return a text without outer blanks; "" when there is nothing to see in it. */
export const typedText = value => (isBlank(value) ? "" : value.trim())

const readText = values => typedText(values[0]) || undefined

function readNumber(values) {
  const text = readText(values)
  if (text === undefined) return undefined
  return wholeNumber(text) ?? readAmount(text) ?? text // `check` reports what is no number
}

function readFlag(values) {
  const word = values.at(-1)
  if (["true", "yes", "on", "1"].includes(word)) return true
  return ["false", "no", "0"].includes(word) ? false : undefined
}

function readMany(values) {
  const chosen = values.filter(Boolean)
  return chosen.length ? chosen : undefined
}

function readJson(values) {
  if (!values[0]) return undefined
  try {
    return JSON.parse(values[0])
  } catch {
    return values[0]
  }
}

const READ = {
  number: readNumber,
  moment: readNumber,
  flag: readFlag,
  choices: readMany,
  names: readMany,
  people: readMany,
  blobs: readMany,
  voice: readMany,
  days: values => readMany(values)?.map(Number),
  signature: readJson,
}
