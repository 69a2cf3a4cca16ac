// `world`, the reference data that screens read synchronously: settings, calendar, people, places, doctors,
// and the sync state of records. It is a view of the store's memory, which is loaded by then.

import { newId } from "../rules/act.js"
import { declarations } from "../generated/declarations.js"
import * as store from "../store/store.js"
import { hours } from "../rules/worktime.js"
import { isWithin } from "./reach.js"

const OFFSET = 480 // minutes east of UTC; server/acts/reference.py has the same

let computed = { version: null, memory: null }

/**
 * Return the world at `now` (ms, the server's clock): {now, declarations, settings, calendar,
 * reference: id → record or null, referenceOf: kind → [record], running: () → [records with a running
 * deadline], mark: id → kept|sent|refused, markOfAct, actId: () → a new act id}.
 */
export async function worldAt(now) {
  const memory = await store.atHand()
  const { settings, calendar } = computedFrom(memory)
  return {
    now,
    declarations,
    settings,
    calendar,
    reference: id => memory.reference.get(id) ?? null,
    referenceOf: type => [...memory.reference.values()].filter(record => record.type === type),
    running: () => [...memory.running.values()],
    mark: id => memory.mark(id),
    markOfAct: id => markOfAct(memory, id),
    actId: () => newId("act", now),
  }
}

// Computed once for each change of the reference records: every request asks for it.
function computedFrom(memory) {
  if (computed.memory !== memory || computed.version !== memory.version) {
    const records = [...memory.reference.values()]
    const settings = settingsWith(records.filter(record => record.type === "setting"))
    const years = records.filter(record => record.type === "calendar")
    computed = {
      memory,
      version: memory.version,
      settings,
      calendar: calendarOf(years, settings),
    }
  }
  return computed
}

/**
 * Return the declared settings {key: {value, unit, …}} with the values that the site changed; one out of
 * its bounds counts as nobody's.
 */
export function settingsWith(records) {
  const settings = { ...declarations.settings }
  for (const record of records) {
    const key = record._id.slice("setting:".length)
    const stands = record.state !== "unknown" && record.state !== "undone"
    const value = record[FIELDS[settings[key]?.unit] ?? "value"] ?? null
    if (key in settings && stands && fits(settings[key], value)) {
      settings[key] = { ...settings[key], value }
    }
  }
  return settings
}

const FIELDS = { choice: "choice", post: "values", list: "values" } // what words stand in, by unit

function fits({ least, most, may_lack: mayLack, unit }, value) {
  if (value === null || unit in FIELDS) return value !== null || mayLack // the server knows the words
  return Number.isInteger(value) && value >= least && value <= most
}

function calendarOf(records, settings) {
  return {
    offset: OFFSET,
    ...hours(settings),
    off: records.flatMap(record => record.off ?? []),
    work: records.flatMap(record => record.work ?? []),
  }
}

function markOfAct(memory, id) {
  if (memory.refused.has(id)) return "refused"
  return memory.waiting.has(id) ? "kept" : "sent"
}

/**
 * Whether a deadline is this person's business: it tells the record's owner, whoever it names, the head
 * of its unit, or a post that they have, there if it says where.
 */
export function isMine(deadline, record, person, world) {
  return deadline.tell.some(who => {
    const [, post, name] = TELLS.exec(who)
    const named = name ? record[name] : record.owner
    if (post === "head") return isHead(world.reference(named), person)
    if (post && post !== "owner") {
      return person?.posts?.includes(post) && (!name || isWithin(world, person, named))
    }
    return [named].flat().includes(person?._id)
  })
}

const TELLS = /^(\w*)@?(?:\{(\w+)\})?$/ // owner, a post, {field}, post@{field}
const isHead = (unit, person) => [unit?.head, unit?.deputy].includes(person?._id)

/** The page of a record; empty for a kind that has none on the tablet. */
export function hrefOf({ _id }) {
  const [kind, rest] = _id.split(":")
  const path = declarations.records[kind]?.path
  return path ? `/floor/${path}/${rest}` : ""
}

/** Return [kind, its declaration] of every kind whose screens come by themselves. */
export const declaredKinds = () =>
  Object.entries(declarations.records).filter(([, { path, own_screens: own }]) => path && !own)

/** The page of the form of an act on a record; empty where it has none on the tablet. */
export function formHrefOf(record, name) {
  const [kind, verb] = name.split(".")
  const path = declarations.acts[name]?.path // a correction is no declared act
  const word = path || (declarations.records[kind].own_screens ? "" : verb)
  const href = hrefOf(record)
  return word && href ? `${href}/${word}` : ""
}
