// Reads a submitted form into the data of an act, by the kinds of its declared fields; makes record ids
// that are the same when a form is sent twice; and the error, Problem, that becomes a problem page.

import { declarations } from "../generated/declarations.js"
import { DAY, readAmount } from "../rules/display_format.js"
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
export const dataOf = (ask, name, record = null) =>
  readFields(ask, name.split(".")[0], declarations.acts[name], record)

/** Return the same for fields of a kind that are no act's: `declared` is {asks, needs}. */
export function readFields(ask, kind, declared, record = null) {
  const { fields } = declarations.records[kind]
  const data = {}
  for (const asked of declared.asks) {
    const field = fields.find(one => one.name === asked)
    if (MAPS.includes(field.kind)) {
      const map = mapOf(ask, field, record?.[asked] ?? {})
      if (Object.keys(map).length) data[asked] = map
      continue
    }
    const values = ask.form?.getAll(asked).filter(value => typeof value === "string") ?? []
    const value = values.length ? (READ[field.kind] ?? readText)(values) : undefined
    const before = record?.[asked]
    if (value === undefined) {
      // A form says a field that it shows, also an empty one; a choice that it does not show stays.
      const wasThere = before != null && before !== "" && before.length !== 0
      if (wasThere && ask.form?.has(asked)) data[asked] = null
      continue
    }
    const isShipped = field.shipped && before && value === ask.say(before)
    const isNews = !record || (!isShipped && JSON.stringify(value) !== JSON.stringify(before))
    if (isNews || declared.needs.includes(asked)) data[asked] = isShipped ? before : value
  }
  return data
}

// What is kept key by key: an act names the keys that were touched. Its inputs are called `<field>.<key>`.
const MAPS = ["ticks", "grid", "counts", "entries"]

function mapOf(ask, field, before) {
  const said = {}
  for (const [name, value] of ask.form ?? []) {
    if (!name.startsWith(`${field.name}.`) || typeof value !== "string") continue
    const key = name.slice(field.name.length + 1)
    const text = readText([value]) ?? null
    const item = field.kind === "counts" && text !== null ? (wholeNumber(text) ?? text) : text
    const isShipped = field.shipped && item === ask.say(before[key] ?? "")
    if (item !== (before[key] ?? null) && !isShipped) said[key] = item
  }
  return said
}

/** Return a text without outer blanks; "" when there is nothing to see in it. */
export const typedText = value => (isBlank(value) ? "" : value.trim())

const readText = values => typedText(values[0]) || undefined

function readNumber(values) {
  const text = readText(values)
  if (text === undefined) return undefined
  return wholeNumber(text) ?? readAmount(text) ?? text // `check` reports what is no number
}

// Where the near ones are chips, the others are in a control of the same name behind this chip.
export const ELSEWHERE = "elsewhere"

const readChosen = values => readText([values.find(one => one && one !== ELSEWHERE) ?? ""])

// An amount in yuan, as fen; what is no amount stays text, for `check`.
function readMoney(values) {
  const text = readText(values)
  const [, yuan, fen = ""] = MONEY.exec((text ?? "").normalize("NFKC").replaceAll(",", "")) ?? []
  return yuan === undefined ? text : Number(yuan) * 100 + Number(fen.padEnd(2, "0"))
}

const MONEY = /^\xa5?([0-9]{1,9})(?:\.([0-9]{1,2}))?[\u5143\u5706\u5757]?$/

// A day is counted from 1970 on, an hour in minutes from midnight on.
function readDay(values) {
  const text = readChosen(values)
  const at = /^\d{4}-\d\d-\d\d$/.test(text ?? "") ? Date.parse(text) : NaN
  return Number.isNaN(at) ? text : at / DAY
}

function readHour(values) {
  const text = readText(values)
  const [, hour, minute] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text ?? "") ?? []
  return hour === undefined ? text : Number(hour) * 60 + Number(minute)
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
  rating: readNumber,
  money: readMoney,
  day: readDay,
  hour: readHour,
  link: readChosen,
  choice: readChosen,
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
