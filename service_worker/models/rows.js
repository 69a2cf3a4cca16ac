// How a record of any kind reads in a row, as its declaration says: name, line, end, facts.
import {
  clock,
  date,
  DAY,
  maskName,
  maskPhone,
  moment,
  thousands,
} from "../rules/display_format.js"
import { _ } from "../base/words.js"
import { labelOf } from "./labels.js"

const LONG_NAME = 60 // characters; what may be longer is no name, and its beginning would say too much

/** Whether a record no longer counts for itself: it was taken back, or leads to another. */
export const isGone = ({ state }) => state === "undone" || state === "merged"

/** The name of a record: a person's in full where it comes first, masked where it only helps out. */
export function nameOf(ask, record) {
  const declared = ask.world.declarations.records[record.type]
  const names = namesOf(declared)
  const found = names.find(name => record[name])
  const isPersonal = name => Boolean(fieldOf(declared, name)?.private)
  if (!found) {
    const kind = ask.say(declared?.label ?? record.type)
    if (record.erased) return ask.say(_("%(kind)s, erased"), { kind })
    return ask.say(
      isPersonal(names[0]) ? _("Name not asked yet") : (declared?.label ?? record.type),
    )
  }
  if (!isPersonal(found)) return wordsOf(ask, record, found) || String(record[found])
  if (found !== names[0]) return maskName(record[found])
  const title = record.salutation ? labelOf(ask, record.type, "salutation", record.salutation) : ""
  return title ? ask.say(_("%(title)s %(name)s"), { title, name: record[found] }) : record[found]
}

/** What names a record, or what an act says of it, with nobody's name in full: the patient may look. */
export function maskedNameOf(ask, kind, ...sources) {
  const declared = ask.world.declarations.records[kind]
  for (const name of declared ? namesOf(declared) : []) {
    const value = sources.find(one => one?.[name])?.[name]
    if (value) return fieldOf(declared, name)?.private ? maskName(value) : String(value)
  }
  return ""
}

/** What stands beside the name, private fields masked, or left out unless `masked`. */
export function lineOf(ask, record, { masked = true } = {}) {
  const declared = ask.world.declarations.records[record.type]
  const named = namesOf(declared).find(name => record[name])
  return (declared.line ?? [])
    .filter(name => name !== named && (masked || !fieldOf(declared, name)?.private))
    .map(name => wordsOf(ask, record, name))
    .filter(Boolean)
    .join("·")
}

/** What stands at the end of a row: a state, a choice, since when. */
export function sideOf(ask, record) {
  const declared = ask.world.declarations.records[record.type]
  const { side } = declared
  if (!side) return ""
  if (fieldOf(declared, side)?.kind === "names") {
    return (record[side] ?? []).map(id => titleOf(ask, id)).find(Boolean) ?? ""
  }
  const words = wordsOf(ask, record, side)
  const isMoment = words && side !== "state" && !fieldOf(declared, side)
  return isMoment ? ask.say(_("since %(at)s"), { at: words }) : words
}

/** [{term, words}] of what a task shows about a record. */
export const factsOf = (ask, record) =>
  (ask.world.declarations.records[record.type].facts ?? []).map(name => ({
    term: ask.say(termOf(ask, record.type, name)),
    words: wordsOf(ask, record, name),
  }))

/** What a value of a declared field reads like; a private one only as a mask. */
export function valueWords(ask, field, value) {
  if (value === undefined || value === null) return ""
  if (field.private) return maskOf(field, value)
  const label = one => {
    const choice = field.choices.find(([name]) => name === one)
    return choice ? ask.say(choice[1]) : shippedWords(ask, field, String(one))
  }
  const reader = READERS[field.kind]
  if (reader) return reader(ask, value, field)
  return Array.isArray(value) ? value.map(label).join("·") : label(value)
}

/** Orders the entries of a map, which is stored in no order of its own: its keys are numbered. */
export const byKey = ([one], [other]) => one.localeCompare(other, undefined, { numeric: true })

/** What a text reads like that Floorwalk may have shipped: in the reader's language where it did. */
export const shippedWords = (ask, field, text) => (field?.shipped ? ask.say(text) : text)

// Private

const READERS = {
  link: (ask, value) => titleOf(ask, value),
  names: (ask, value) => value.map(id => titleOf(ask, id) || id).join("·"),
  flag: (ask, value) => ask.say(value ? _("yes") : _("no")),
  signature: ask => ask.say(_("signed")),
  blobs: (_ask, value) => String(value.length),
  voice: (_ask, value) => String(value.length),
  moment: (_ask, value) => moment(value),
  people: (ask, value) => value.map(id => titleOf(ask, id) || id).join("·"),
  money: (ask, value) => ask.say(_("%(n)s yuan"), { n: yuanOf(value) }),
  day: (_ask, value) => date(value * DAY, 0),
  hour: (_ask, value) => hourOf(value),
  rating: (ask, value) => ask.say(LEVELS[value - 1] ?? ""),
  ticks: (_ask, value) => String(Object.keys(value).length),
  grid: (_ask, value) => String(Object.keys(value).length),
  counts: (_ask, value) => String(Object.keys(value).length),
  entries: (ask, value, field) =>
    Object.entries(value)
      .sort(byKey)
      .filter(([, one]) => Boolean(one))
      .map(([, one]) => shippedWords(ask, field, one))
      .join("·"),
}

/** How content somebody is, from the worst, 1, to the best: the faces of a rating. */
export const LEVELS = [_("Poor"), _("So-so"), _("Satisfied"), _("Very satisfied")]

/** An amount in fen as people write it in yuan: 1,280 or 12.50. */
export function yuanOf(fen) {
  const rest = fen % 100
  return thousands((fen - rest) / 100) + (rest ? `.${String(rest).padStart(2, "0")}` : "")
}

/** An hour, in minutes from midnight on, as 08:30. */
export const hourOf = value => clock(value * 60_000, 0)

function maskOf(field, value) {
  if (field.kind === "phone") return maskPhone(value)
  return field.kind === "text" && (field.max ?? LONG_NAME) <= LONG_NAME ? maskName(value) : "****"
}

const namesOf = declared => declared?.called ?? declared?.title ?? []

const fieldOf = (declared, name) => declared?.fields.find(one => one.name === name)

function titleOf(ask, id) {
  const record = id && ask.world.reference(id)
  if (!record?.title) return ""
  const declared = ask.world.declarations.records[record.type]
  return shippedWords(ask, fieldOf(declared, declared?.title[0]), record.title)
}

function wordsOf(ask, record, name) {
  const declared = ask.world.declarations.records[record.type]
  const field = fieldOf(declared, name)
  if (field) return valueWords(ask, field, record[name])
  if (name === "owner") return titleOf(ask, record.owner)
  if (name === "state") {
    const state = declared.states?.find(([value]) => value === record.state)
    return state ? ask.say(state[1]) : ""
  }
  return clock(record[name] ?? null)
}

// A stamp is called as the act that sets it.
function termOf(ask, kind, name) {
  if (name === "owner") return _("With")
  const { records, acts } = ask.world.declarations
  const field = fieldOf(records[kind], name)
  if (field) return field.label ?? name
  const stamping = Object.entries(acts).find(
    ([act, { stamps }]) => act.startsWith(`${kind}.`) && stamps.includes(name),
  )
  return stamping?.[1].label ?? name
}
