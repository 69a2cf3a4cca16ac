// View models of the list and the page of a record whose kind is shown by its declaration.

import { may } from "../screens/acts.js"
import { placed } from "../models/blob_whereabouts.js"
import { causes } from "../models/causes.js"
import { momentWords } from "../models/deadlines.js"
import { actLabel, storyOf } from "../models/labels.js"
import { formHrefOf, hrefOf } from "../models/reference.js"
import { aheadFrom, countOf, countOfOpen, dueOf, isAhead, isOrdered } from "../models/registers.js"
import { lateOf, listName, openStates } from "../models/registers.js"
import { isGone, lineOf, nameOf, sideOf, valueWords } from "../models/rows.js"
import { strokesPath } from "../models/signatures.js"
import { tilesOf } from "../models/tiles.js"
import { clockOf, deadlinesToDo, dueWords } from "../models/todo_model.js"
import * as store from "../store/store.js"
import { _ } from "../base/words.js"
import { choicesFor, gateOf, makingOf } from "./register_acts.js"
import { changedWords, sheetsOf } from "./register_sheets.js"
import { askedOn, heldApart, heldWords, hitOf, textOf, validityOf } from "./register_texts.js"

const MOST_DUE = 50 // rows of what is due, at the top
const PAGE = 50 // rows after these
const MOST_AHEAD = 200
const AHEAD = "days-ahead" // the chip of what is planned for the days to come
const FOUND = 40
const RELATED = 20
const OF_ONE_KEY = 200

/** The key of a draft: of a new record, or of one act on a record. */
export const draftKey = (kind, id, verb) => `${kind.path}-${id}-${verb}`

/** What several of a kind are called, and the list's address. */
export const manyOf = (ask, kind) => ask.say(kind.many ?? kind.label)
export const listHref = kind => `/floor/${kind.path}`

/** Return the word of a state, of one that was taken back too. */
export function stateWords(ask, kind, state) {
  if (state === "undone") return ask.say(_("Taken back"))
  if (state === "merged") return ask.say(_("Merged with another entry"))
  const found = kind.states?.find(([value]) => value === state)
  return found ? ask.say(found[1]) : ""
}

// The list

/** Return the model of a kind's list: chips of states with counts, what is due first, what was found. */
export async function listOf(ask, kind, current = "") {
  const q = (ask.query.get("q") ?? "").trim()
  const states = kind.states?.map(([value]) => value) ?? []
  const asked = ask.query.get("state")
  const state = [...states, AHEAD].includes(asked) ? asked : (states[0] ?? "")
  const views = await viewsOf(ask, kind, states)
  const due = dueOf(ask, kind)
  const found = q ? await foundRows(ask, kind, q) : await stateRows(ask, kind, state, due)
  const href = listHref(kind)
  const at = state ? `?state=${state}` : ""
  const begins = await beginning(ask, kind)
  const soonest = new Map(due.toReversed().map(one => [one.record._id, one]))
  const words = record => {
    const one = soonest.get(record._id)
    if (one) return dueWords(ask, one.due_at, one.state)
    return { side: sinceWords(ask, record), side_state: "" }
  }
  const isFirst = state === states[0] && !q
  const of = { create: begins.create, words, current }
  return {
    ...{ href, here: href + at, part: `${href}/part`, q, state, icon: kind.icon },
    again: `${href}/part?${new URLSearchParams({ state, q, after: ask.query.get("after") ?? "", one: current })}`,
    title: manyOf(ask, kind),
    finds: kind.finds.length > 0,
    late: lateOf(ask, due).length,
    views: views.map(one => ({
      ...one,
      href: `${href}?state=${one.state}`,
      current: !q && one.state === state,
    })),
    elsewhere: views.some(one => one.state !== state && one.count),
    rows: found.rows.map(row => lit(row, current, q)),
    apart: (found.apart ?? []).map(row => lit(row, current, q)),
    full: Boolean(kind.full_text),
    ask_on: askedOn(ask, kind, q),
    first: found.rows[0]?.record ?? "",
    more_href: found.after ? `${href}?state=${state}&after=${encodeURIComponent(found.after)}` : "",
    wards: isFirst ? await tilesOf(ask, kind, of) : [],
    ...begins,
  }
}

// A row that was found leads to its page with the words that were asked for: they are marked there too.
const lit = (row, current, q) => ({
  ...row,
  current: row.href === current,
  href: row.name_parts ? `${row.href}?q=${encodeURIComponent(q)}` : row.href,
})

// The chips of a list: of each state as much as is to be done by today, and one of the days ahead.
async function viewsOf(ask, kind, states) {
  const [tomorrow, open] = [aheadFrom(kind, ask.world), openStates(kind)]
  const span = state => (open.includes(state) ? { to: tomorrow } : {})
  const counts = await Promise.all(states.map(state => countOf(kind, state, span(state))))
  const views = states.map((state, n) => ({
    ...{ state, label: stateWords(ask, kind, state), count: counts[n] },
  }))
  const ahead = tomorrow ? await countOfOpen(kind, { from: tomorrow }) : 0
  return ahead ? [...views, { state: AHEAD, label: ask.say(_("Later")), count: ahead }] : views
}

async function aheadRows(ask, kind) {
  const span = { from: aheadFrom(kind, ask.world), limit: MOST_AHEAD }
  const lists = await Promise.all(
    openStates(kind).map(state => store.list(listName(kind), { ...span, parts: [state] })),
  )
  const records = lists.flatMap(one => one.records).filter(record => !isGone(record))
  const sorted = records.sort((one, other) => one.opened_at - other.opened_at)
  const side = record => ({ side: sinceWords(ask, record), side_state: "" })
  return { rows: sorted.map(record => rowOf(ask, record, side(record))), after: null }
}

async function stateRows(ask, kind, state, due) {
  if (state === AHEAD) return aheadRows(ask, kind)
  const after = ask.query.get("after") || null // an address that says none
  const to = openStates(kind).includes(state) ? aheadFrom(kind, ask.world) : null
  const options = { parts: state ? [state] : [], limit: PAGE, reverse: !isOrdered(kind), after, to }
  const { records, after: next } = await store.list(listName(kind), options)
  const soonest = new Map() // the first deadline of each record
  for (const one of due) {
    const isIn = (!state || one.record.state === state) && !isAhead(kind, one.record, ask.world)
    if (isIn && !soonest.has(one.record._id)) soonest.set(one.record._id, one)
  }
  const first = [...soonest.values()].slice(0, MOST_DUE)
  const known = new Set(first.map(one => one.record._id))
  const rest = records.filter(record => !known.has(record._id) && !isGone(record))
  const rows = [
    ...(after ? [] : first).map(one =>
      rowOf(ask, one.record, dueWords(ask, one.due_at, one.state)),
    ),
    ...rest.map(record => rowOf(ask, record, { side: sinceWords(ask, record), side_state: "" })),
  ]
  return { rows, after: next }
}

async function foundRows(ask, kind, q) {
  const records = await store.search(q, { types: [kind.name], limit: FOUND })
  const [held, others] = heldApart(kind, records)
  const row = (record, side) => ({
    ...rowOf(ask, record, { side, side_state: "" }),
    ...hitOf(ask, kind, record, q),
  })
  const state = record => stateWords(ask, kind, record.state)
  return {
    rows: held.map(record => row(record, heldWords(ask, kind, record) || state(record))),
    apart: others.map(record => row(record, sideOf(ask, record) || state(record))),
    after: null,
  }
}

const rowOf = (ask, record, side) => ({
  record: record._id,
  id: `row-${record._id.replace(/[^\w-]/g, "-")}`,
  href: hrefOf(record),
  ...{ name: nameOf(ask, record), name_note: "", about: lineOf(ask, record), ...side },
  mark: ask.world.mark(record._id),
})

// Since when reference is there interests nobody.
const sinceWords = (ask, record) =>
  record.opened_at && !ask.world.declarations.records[record.type].reference
    ? momentWords(ask.say, record.opened_at, ask.now, ask.world.calendar)
    : ""

// What begins a record, and whether one was begun and left.
async function beginning(ask, kind) {
  const [verb, act] = makingOf(ask, kind)
  if (!verb) return { create: null, begun: null }
  const create = {
    href: `${listHref(kind)}/new`,
    label: ask.say(act.label),
    sign: act.icon ?? "plus",
  }
  return {
    create,
    begun: await begunAt(ask, create.href, draftKey(kind, "new", verb), create.label),
  }
}

async function begunAt(ask, href, key, label) {
  const draft = await store.draft(ask.person._id, key)
  if (!draft) return null
  const typed = Object.values(draft.fields).flat().some(Boolean)
  return typed ? { href, words: ask.say(_("Go on writing? %(act)s"), { act: label }) } : null
}

// The page

/**
 * Return the model of a record's page: what it is, what is next, what else may be done, what it is
 * connected with, what happened. `open` shows what is private.
 */
export async function wholeOf(ask, kind, record, { open = false } = {}) {
  const { next, others, barred } = choicesFor(ask, kind, record)
  const gate = barred ? gateOf(ask, kind, record, barred) : null
  const [first] = deadlinesToDo([record], ask.world, ask.person)
  const many = await begunActs(ask, kind, record, [next, ...others])
  return {
    ...{ id: record._id, href: hrefOf(record), title: nameOf(ask, record), seen: record.acts.last },
    line: [ask.say(kind.label), stateWords(ask, kind, record.state)].filter(Boolean).join("·"),
    mark: ask.world.mark(record._id),
    clock: first ? clockOf(ask, first) : null,
    ...secretOf(ask, kind, record, open),
    text: await textOf(ask, kind, record),
    validity: validityOf(ask, kind, record),
    facts: await factsOf(ask, kind, record, open),
    ...(await papersOf(ask, kind, record)),
    sheets: sheetsOf(ask, kind, record),
    unsettled: record.unsettled.length,
    gate: gate?.steps.length && (next || !gate.alone) ? gate : null,
    next: next ? buttonOf(ask, kind, record, next) : null,
    reason: !next && gate ? gate.missing : "",
    others: [
      ...others.map(one => buttonOf(ask, kind, record, one)),
      ...beginningOf(ask, kind, record),
      ...editing(ask, kind, record),
    ],
    changed: await changedWords(ask, kind, record),
    begun: many,
    related: await relatedOf(ask, kind, record),
    story: storyOf(ask, record),
  }
}

const PAPERS = ["blobs", "voice", "signature", "ticks", "grid", "counts"]

async function factsOf(ask, kind, record, open) {
  const elsewhere = [...(kind.full_text ?? []), ...(kind.holds_from ?? [])] // a text to be read
  const shown = kind.fields.filter(
    one => !PAPERS.includes(one.kind) && !elsewhere.includes(one.name) && (open || !one.private),
  )
  const facts = await Promise.all(shown.map(field => factOf(ask, field, record[field.name])))
  const isCopy = (fact, n) => shown[n].takes?.length && facts.some(one => isSame(one, fact))
  const owner = { term: ask.say(_("With")), words: ownerOf(ask, record), href: "" }
  const into = { name: "merged_into", kind: "link", label: _("Merged with another entry") }
  const led = record.merged_into ? [await factOf(ask, into, record.merged_into)] : []
  const said = [...facts.filter((fact, n) => !isCopy(fact, n)), owner].filter(
    one => one.words && one.words !== nameOf(ask, record),
  )
  return [...led, ...said]
}

// What was copied from a link says nothing more than the link where it is called so.
const isSame = (link, { words, href }) => Boolean(link.href) && !href && link.words === words

// A link leads to the page of what it names, where that is on the tablet and has one.
async function factOf(ask, field, value) {
  const fact = { term: ask.say(field.label), words: "", href: "" }
  const linked = field.kind === "link" && value ? await store.get(value) : null
  if (linked) return { ...fact, words: nameOf(ask, linked), href: hrefOf(linked) }
  return { ...fact, words: valueWords(ask, { ...field, private: false }, value) }
}

const ownerOf = (ask, record) => (record.owner && ask.world.reference(record.owner)?.title) || ""

// What is private stands behind one touch, which is an act: {secret, reveal_id, revealed}.
function secretOf(ask, kind, record, open) {
  const fields = kind.fields.filter(field => field.private && record[field.name] != null)
  const shown = fields.map(field => valueWords(ask, field, record[field.name])).join(" ")
  const touchable = `${kind.name}.revealed` in ask.world.declarations.acts
  return {
    secret: open ? "" : shown,
    reveal_id: fields.length && touchable && !open ? ask.world.actId() : "",
  }
}

async function papersOf(ask, kind, record) {
  const named = what => kind.fields.filter(one => one.kind === what && record[one.name]?.length)
  const groups = what => Promise.all(named(what).map(one => placed(ask, record, one.name)))
  const signed = kind.fields.find(one => one.kind === "signature" && record[one.name])
  const by = signed && record.setters[signed.name]?.[0]
  const act = record.acts.recent.find(entry => entry.id === by)
  return {
    photos: (await groups("blobs")).flat(),
    recordings: (await groups("voice")).flat(),
    signature: signed
      ? {
          path: strokesPath(record[signed.name].strokes),
          label: ask.say(signed.label),
          at: act ? momentWords(ask.say, act.at, ask.now, ask.world.calendar) : "",
        }
      : null,
  }
}

// A button for an act: a tap where nothing is asked, else the way to its form.
function buttonOf(ask, kind, record, [verb, act]) {
  const isTap = act.asks.length === 0
  return {
    kind: isTap ? "tap" : "link",
    href: isTap ? `${hrefOf(record)}/${verb}` : formHrefOf(record, `${kind.name}.${verb}`),
    act_id: isTap ? ask.world.actId() : "",
    label: ask.say(act.label),
    sign: act.icon || (isTap ? "check" : "pencil"),
  }
}

// What may be made that is about this record: the kinds that list theirs by a link to it.
function beginningOf(ask, kind, record) {
  if (isGone(record)) return []
  return Object.values(ask.world.declarations.records).flatMap(other => {
    const [verb, act] = other.path && !other.own_screens ? makingOf(ask, other) : []
    const [by] = other.lists
      .map(({ parts: [first] }) => first)
      .filter(one => names(other, one, kind))
    if (!verb || !by || !act.asks.includes(by)) return []
    const said = { [by]: record._id, anew: "1" }
    for (const name of ["place", "unit"]) {
      if (record[name] && act.asks.includes(name)) said[name] = record[name]
    }
    const href = `${listHref(other)}/new?${new URLSearchParams(said)}`
    return [{ kind: "link", href, act_id: "", label: ask.say(act.label), sign: act.icon ?? "plus" }]
  })
}

const names = (kind, field, { name }) =>
  kind.fields.find(one => one.name === field)?.of?.includes(name) ?? false

function editing(ask, kind, record) {
  const isPossible = kind.fields.some(field => field.editable) && !isGone(record)
  if (!isPossible || !kind.editors.length || !may(ask, `${kind.name}.edited`)) return []
  const label = ask.say(_("Correct"))
  return [{ kind: "link", href: `${hrefOf(record)}/edited`, act_id: "", label, sign: "pencil" }]
}

async function begunActs(ask, kind, record, acts) {
  const id = record._id.split(":")[1]
  const found = await Promise.all(
    acts.filter(Boolean).map(([verb]) => {
      const name = `${kind.name}.${verb}`
      const key = draftKey(kind, id, verb)
      return begunAt(ask, formHrefOf(record, name), key, actLabel(ask, name))
    }),
  )
  return found.filter(Boolean)
}

// Records of other kinds that name this one, by the lists that are split by such a field; and what it is
// because of and led to by a rule.
async function relatedOf(ask, kind, record) {
  const { because, led } = await causes(record)
  const together = await ofOneKey(ask, kind, record)
  const linked = kind.fields.filter(one => one.kind === "link").map(({ name }) => record[name])
  const known = [...linked, ...together.flatMap(({ ids }) => ids)] // they stand there already
  const groups = [
    { label: ask.say(_("Because of")), rows: because },
    { label: ask.say(_("Led to")), rows: led },
  ]
    .map(({ label, rows }) => ({ label, rows: rows.filter(one => !known.includes(one._id)) }))
    .filter(({ rows }) => rows.length)
    .map(({ label, rows }) => ({ label, rows: rows.map(one => relatedRow(ask, one)) }))
  for (const other of Object.values(ask.world.declarations.records)) {
    const list = other.lists.find(({ parts: [first] }) => links(other, first, kind.name))
    if (!list || !other.path) continue
    const options = { parts: [record._id], limit: RELATED, reverse: true }
    const { records } = await store.list(`${other.name}.${list.name}`, options)
    const rows = records.filter(one => !isGone(one)).map(one => relatedRow(ask, one))
    if (rows.length) groups.push({ label: manyOf(ask, other), rows })
  }
  return [...together, ...groups]
}

// Records of other kinds that say the same as this one's key, by the lists that are split by its fields:
// what is booked for a doctor's hours, in the order of that list, without a network.
async function ofOneKey(ask, kind, record) {
  const groups = []
  const key = (kind.key ?? []).join()
  for (const other of Object.values(ask.world.declarations.records)) {
    const list = key && other.path && other.lists.find(({ parts }) => parts.join() === key)
    if (!list) continue
    const parts = kind.key.map(name => String(record[name] ?? ""))
    const { records } = await store.list(`${other.name}.${list.name}`, { parts, limit: OF_ONE_KEY })
    const rows = records.filter(one => !isGone(one)).map(one => relatedRow(ask, one))
    const ids = records.map(one => one._id)
    if (rows.length) groups.push({ label: manyOf(ask, other), rows, ids })
  }
  return groups
}

const relatedRow = (ask, one) => rowOf(ask, one, { side: sideOf(ask, one), side_state: "" })

function links(kind, name, to) {
  const field = name && kind.fields.find(one => one.name === name)
  return field?.kind === "link" && (!field.of?.length || field.of.includes(to))
}
