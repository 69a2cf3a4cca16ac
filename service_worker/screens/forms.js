// Forms: what one says, as the data of an act; ids of a gesture; and what is not there.

import { declarations } from "../generated/declarations.js"
import { isActId } from "../rules/ids.js"

/** A page that cannot be shown: 404 what is not there, 403 what a post may not, 400 a broken form. */
export class Problem extends Error {
  constructor(status, code = "") {
    super(code || String(status))
    this.status = status
  }
}

/** The id of a record that this form makes: the same when the form is sent twice. */
export function newId(ask, type) {
  const formId = ask.form?.get("act_id")
  return isActId(formId) ? `${type}:${formId.slice("act:".length)}` : makeNewId(type, ask)
}

function makeNewId(type, ask) {
  return ask.world.actId().replace("act", type)
}

/** Return {field: value} of what the act asks for and the form says; what is left empty is left out. */
export function dataOf(ask, name) {
  const declared = declarations.acts[name]
  const fields = declarations.records[name.split(".")[0]].fields
  const data = {}
  for (const asked of declared.asks) {
    const field = fields.find(one => one.name === asked)
    const given = ask.form?.getAll(asked).filter(value => typeof value === "string") ?? []
    const value = given.length ? (READ[field.kind] ?? readText)(given) : undefined
    if (value !== undefined) data[asked] = value
  }
  return data
}

const readText = given => given[0].trim() || undefined

function readNumber(given) {
  const text = given[0].trim()
  if (text === "") return undefined
  return /^-?\d+$/.test(text) ? Number(text) : text // what is no number is said to be none by `check`
}

function readFlag(given) {
  const word = given.at(-1)
  if (["true", "yes", "on", "1"].includes(word)) return true
  return ["false", "no", "0"].includes(word) ? false : undefined
}

function readMany(given) {
  const chosen = given.filter(Boolean)
  return chosen.length ? chosen : undefined
}

function readJson(given) {
  if (!given[0]) return undefined
  try {
    return JSON.parse(given[0])
  } catch {
    return given[0]
  }
}

const READ = {
  number: readNumber,
  moment: readNumber,
  flag: readFlag,
  choices: readMany,
  names: readMany,
  blobs: readMany,
  voice: readMany,
  days: given => readMany(given)?.map(Number),
  signature: readJson,
}
