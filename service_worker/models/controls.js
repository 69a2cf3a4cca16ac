// The controls of a form, as the declaration asks for them: what an act asks, each in the way that suits
// its kind, chips before keyboards. A control is what `parts/controls.html` draws.

import { date, DAY } from "../rules/display_format.js"
import { byKey, hourOf, LEVELS, shippedWords, valueWords, yuanOf } from "./rows.js"
import { mostOf } from "./labels.js"
import { offered, offeredPeople } from "./pickers.js"
import { _ } from "../base/words.js"

const SHORT = 120 // letters that fit into one line
const COUNTED = 99 // up to this number − and + are quicker than a keyboard
const FEW_PEOPLE = 6 // offered at once; the others are behind a word
const SEVERAL = ["choices", "people"] // their label says that several may be chosen
const NARROW = ["number", "money", "day", "hour", "phone", "flag"]
const FEW = 4 // choices that stand beside another field
const MANY = 20 // choices that stand as chips
const FIRST = 8 // of more than these
const BAD = "no"

/** Return a reader of fields {name: text or [texts]}: `one(name)` a text, `all(name)` a list of texts. */
export const readerOf = fields => ({
  one: name => String([fields[name] ?? ""].flat().find(Boolean) ?? "").trim(),
  all: name => [fields[name] ?? []].flat().filter(Boolean),
})

/** Return how a record's values stand in the inputs of a form: {name: [texts]}. */
export function textsOf(kind, record) {
  const texts = {}
  for (const field of kind.fields) {
    const value = record[field.name]
    if (value === undefined || value === null) continue
    if (isMap(field)) {
      for (const [key, item] of Object.entries(value)) {
        texts[`${field.name}.${key}`] = [String(item)]
      }
    } else texts[field.name] = (TEXTS[field.kind] ?? plain)(value)
  }
  return texts
}

const plain = value => [value].flat().map(String)
const TEXTS = {
  flag: value => [value ? "yes" : "no"],
  money: value => [yuanOf(value)],
  day: value => [date(value * DAY, 0)],
  hour: value => [hourOf(value)],
  signature: () => [],
}

const isMap = ({ kind }) => ["ticks", "grid", "counts", "entries"].includes(kind)

/**
 * Return the controls of an act in their declared order: [{as, name, label, …}]. `form` is {kind, act,
 * record, read, problems}; the signature is left out, it stands beside the text that is signed.
 */
export async function controlsOf(ask, { kind, act, record, read, problems }) {
  const signed = signatureOf(kind, act)
  const fields = act.asks
    .filter(name => name !== signed && !(signed && name === UNSIGNED_FIELD))
    .map(name => kind.fields.find(field => field.name === name))
    .filter(field => !field.takes?.length && !isNote(kind, act, field))
  const most = mostOf(ask, kind.name)
  const given = { ask, kind, act, record, read, problems, most }
  const controls = await Promise.all(fields.map(field => controlOf(given, field)))
  return inPairs(controls.filter(one => !isNothing(one)))
}

// A sheet without items, and what nothing can be chosen for.
const isNothing = ({ as, needed, ...one }) =>
  (as === "items" && !one.all) ||
  (as === "counts" && !one.items.length) ||
  (as === "pick" && !needed && !one.options.length)

// Two short ones stand side by side; one that is left alone takes the whole line.
function inPairs(controls) {
  let isOpen = false // whether the one before waits for a neighbour
  return controls.map((control, n) => {
    if (control.whole) return control
    const isSecond = isOpen
    isOpen = !isSecond && controls[n + 1]?.whole === false
    return isSecond || isOpen ? control : { ...control, whole: true }
  })
}

/** The field beside a signature that says why there is none. */
export const UNSIGNED_FIELD = "unsigned"

/** Return the name of the field that an act has signed, or undefined. */
export const signatureOf = (kind, act) =>
  act.asks.find(name => kind.fields.find(one => one.name === name)?.kind === "signature")

// A second map under the same keys holds what is said about each item: it stands with the items.
const isNote = (kind, act, field) => field.kind === "entries" && Boolean(ticksOf(kind, act, field))

const ticksOf = (kind, act, field) =>
  kind.fields.find(
    one => one.kind === "ticks" && areBeside(one, field) && act.asks.includes(one.name),
  )

// Whether two maps have the same keys by their declaration.
const areBeside = (one, other) =>
  Boolean(one.items || one.rows?.length) &&
  one.items === other.items &&
  JSON.stringify(one.rows) === JSON.stringify(other.rows)

async function controlOf(given, field) {
  const { ask, act, read, problems, most } = given
  const needed = act.needs.includes(field.name) || field.required === true
  const control = {
    ...{ as: "text", name: field.name, label: ask.say(field.label), needed },
    hint: needed || SEVERAL.includes(field.kind) ? "" : ask.say(_("optional")),
    value: shippedWords(ask, field, read.one(field.name)),
    masked: field.private && given.record ? valueWords(ask, field, given.record[field.name]) : "",
    problem: problems[field.name] ?? null,
    most: most[field.name] || null,
    whole:
      !NARROW.includes(field.kind) && !(field.kind === "choice" && field.choices.length <= FEW),
    shown_when: field.shown_when ? JSON.stringify(field.shown_when) : "",
  }
  return { ...control, ...(await (CONTROLS[field.kind] ?? asText)(given, field, control)) }
}

const option =
  (ask, chosen) =>
  ([value, label]) => ({
    value,
    label: ask.say(label),
    chosen: chosen.includes(value),
  })

function asText(_given, field) {
  const isLine = (field.max ?? SHORT + 1) <= SHORT
  return isLine ? { as: "text", whole: false } : { as: "words" }
}

function asNumber(_given, field) {
  const { min, max } = field
  if (!(max <= COUNTED)) return { as: "number" }
  return { as: "counter", min: min ?? 0, max }
}

// Of very many, as of all posts, the first stand as chips and the others behind the last one.
function asChoice({ ask, read }, field) {
  const options = field.choices.map(option(ask, read.all(field.name)))
  const many = field.kind === "choices"
  if (many || options.length <= MANY) return { as: "chips", many, options }
  const others = options.slice(FIRST)
  const elsewhere = others.some(one => one.chosen)
  return { as: "pick", options: options.slice(0, FIRST), others, elsewhere }
}

const asFlag = ({ ask, read }, field) => ({
  as: "chips",
  many: false,
  options: [
    ["yes", _("yes")],
    ["no", _("no")],
  ].map(option(ask, read.all(field.name))),
})

const asRating = ({ ask, read }, field) => ({
  as: "faces",
  options: LEVELS.map((label, n) => [String(n + 1), label])
    .toReversed()
    .map(option(ask, read.all(field.name))),
})

async function asLink({ ask, kind, read }, field) {
  const { near, others, elsewhere } = await offered(ask, kind, field, chosenOf(read, field))
  return { as: "pick", options: near, others, elsewhere }
}

const chosenOf = (read, field) => read.all(field.name).find(one => one !== "elsewhere") ?? ""

function asPeople({ ask, read, record }, field) {
  const all = offeredPeople(ask, record?.place ?? ask.place, read.all(field.name))
  return { as: "people", options: all.slice(0, FEW_PEOPLE), others: all.slice(FEW_PEOPLE) }
}

function asDay({ ask, read }, field) {
  const value = chosenOf(read, field)
  const days = [
    [date(ask.now), _("Today")],
    [date(ask.now + DAY), _("Tomorrow")],
  ]
  const options = days.map(option(ask, [value]))
  return {
    as: "day",
    value,
    options,
    elsewhere: Boolean(value) && !options.some(one => one.chosen),
  }
}

const asBlobs =
  as =>
  ({ ask, read }, field) => ({
    as,
    blobs: read.all(field.name).map(hash => ({ hash })),
    longest: ask.world.settings["photo.longest_side"].value,
    quality: ask.world.settings["photo.quality"].value,
    seconds: ask.world.settings["voice.at_most"].value,
  })

// Items

// Returns the items of a map, [{key, label, group, hint, should}]: declared ones, or those that the record
// was begun with, as names, as a map of labels, or whole.
export function itemsOf(ask, field, record) {
  if (field.rows?.length) return field.rows.map(([key, label]) => ({ key, label: ask.say(label) }))
  const held = record?.[field.items] ?? []
  const listed = Array.isArray(held) ? held : Object.entries(held).sort(byKey)
  const { fields = [] } = ask.world.declarations.records[record?.type] ?? {}
  const source = fields.find(one => one.name === field.items)
  return listed.map(item => {
    if (typeof item === "string") return { key: item, label: item }
    if (!Array.isArray(item)) return item
    return { key: item[0], label: shippedWords(ask, source, String(item[1])) }
  })
}

function asItems(given, field) {
  const { ask, kind, act, read, record } = given
  const note = kind.fields.find(
    one => one.kind === "entries" && areBeside(one, field) && act.asks.includes(one.name),
  )
  const items = itemsOf(ask, field, record).map(item => {
    const name = `${field.name}.${item.key}`
    const chosen = read.one(name)
    const noted = note && `${note.name}.${item.key}`
    return {
      ...{ name, label: item.label, hint: item.hint ?? "", group: item.group ?? "", chosen },
      needed: Boolean(act.needs_all?.includes(field.name)),
      answers: field.choices.map(([value, label]) => ({
        ...option(ask, [chosen])([value, label]),
        bad: value === BAD && field.kind === "ticks",
      })),
      note: noted ? { name: noted, label: ask.say(note.label), value: read.one(noted) } : null,
    }
  })
  const groups = [...Map.groupBy(items, item => item.group)].map(([label, some]) => ({
    ...{ label, items: some },
    left: some.filter(item => !item.chosen).length,
  }))
  return { as: "items", groups, done: items.filter(item => item.chosen).length, all: items.length }
}

function asCounts({ ask, kind, act, read, record }, field) {
  // How many there should be is copied beside it, under the same keys.
  const beside = kind.fields.find(
    one => one.kind === "counts" && one.items === field.items && one.takes?.length,
  )
  const items = itemsOf(ask, field, record).map(({ key, label, should = null }) => ({
    ...{ name: `${field.name}.${key}`, label },
    should: record?.[beside?.name]?.[key] ?? should,
    needed: Boolean(act.needs_all?.includes(field.name)),
    value: read.one(`${field.name}.${key}`), // what nobody counted is not said
  }))
  return { as: "counts", items, min: field.min ?? 0, max: field.max ?? COUNTED }
}

// Lines under keys of their own: those that are there, and one more.
function asEntries(given, field) {
  const { ask, record } = given
  if (field.items || field.rows?.length) {
    const items = itemsOf(ask, field, record)
    return { as: "entries", items: items.map(item => entry(given, field, item.key, item.label)) }
  }
  const entries = Object.entries(record?.[field.name] ?? {}).sort(byKey)
  const keys = entries.map(([key]) => key)
  const last = Math.max(0, ...keys.map(key => Number(/^e(\d+)/.exec(key)?.[1] ?? 0)))
  const names = [...keys, `e${last + 1}`]
  return {
    as: "entries",
    items: names.map((key, n) => entry(given, field, key, ask.say(_("Line %(n)s"), { n: n + 1 }))),
  }
}

const entry = ({ ask, read }, field, key, label) => ({
  ...{ name: `${field.name}.${key}`, label },
  value: shippedWords(ask, field, read.one(`${field.name}.${key}`)),
})

const CONTROLS = {
  text: asText,
  phone: () => ({ as: "phone" }),
  number: asNumber,
  money: () => ({ as: "money" }),
  choice: asChoice,
  choices: asChoice,
  flag: asFlag,
  rating: asRating,
  link: asLink,
  people: asPeople,
  day: asDay,
  hour: () => ({ as: "hour" }),
  blobs: asBlobs("photo"),
  voice: asBlobs("voice"),
  ticks: asItems,
  grid: asItems,
  counts: asCounts,
  entries: asEntries,
}
