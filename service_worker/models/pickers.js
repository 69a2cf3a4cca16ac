// Whom and what a form offers to choose from: places, people, doctors, other records; the near ones first.

import { byName } from "../base/pinyin.js"
import { doctorsFor, peopleFor, roomsFor } from "./labels.js"
import { isOrdered, openStates } from "./registers.js"
import { isGone, lineOf, nameOf } from "./rows.js"
import { placesOfSort } from "./tiles.js"
import { matches } from "../rules/selector.js"
import * as store from "../store/store.js"

const NEAR = 5 // offered as chips; the others are in a list
const MOST = 400 // in that list
const PLACES = ["site", "floor", "bed"] // where nobody stands and nothing lies

/** Return {near, others}, each [{value, label, chosen}], for a field that links to records. */
export async function offered(ask, kind, field, chosen) {
  const kinds = kindsOf(ask, field)
  const lists = await Promise.all(kinds.map(kind => recordsOf(ask, kind, field.name)))
  const fits = lists.flat().filter(record => matches(field.among ?? {}, record))
  const all = [...new Map(fits.map(record => [record._id, record])).values()]
  if (field.alone) await leaveOutTaken(kind, field, all, chosen)
  const known = all.some(record => record._id === chosen)
  const held = known || !chosen ? null : await store.get(chosen)
  const records = held ? [held, ...all] : all
  const near = records.slice(0, NEAR)
  const far = records.slice(NEAR, MOST)
  const isFar = far.some(record => record._id === chosen)
  const named = Map.groupBy(records, record => nameOf(ask, record))
  const options = some => some.map(record => option(ask, record, chosen, named))
  return { near: options(near), others: options(far), elsewhere: isFar }
}

/** Return the people who may be named, those nearest to a place first: [{value, label, chosen}]. */
export const offeredPeople = (ask, place, chosen) => peopleFor(ask, place, chosen)

// What was lent on this tablet is not lent once more, before the server knows of it, too.
async function leaveOutTaken(kind, { name, alone }, all, chosen) {
  const list = kind.lists.find(({ parts }) => parts.length === 1 && parts[0] === name)
  const open = openStates(kind)
  for (const record of list ? all.filter(one => matches(alone, one)) : []) {
    const found = await store.list(`${kind.name}.${list.name}`, {
      parts: [record._id],
      limit: MOST,
    })
    const isTaken = found.records.some(one => open.includes(one.state))
    if (isTaken && record._id !== chosen) all.splice(all.indexOf(record), 1)
  }
}

// Without a word about it, a field links to the kind that it is called after.
function kindsOf(ask, { name, of = [] }) {
  if (of.length) return of
  return name in ask.world.declarations.records ? [name] : []
}

async function recordsOf(ask, kind, name) {
  const declared = ask.world.declarations.records[kind]
  if (kind === "place") return placesOf(ask, name)
  if (kind === "person") return peopleOf(ask)
  const doctors = doctorsFor(ask).filter(one => one.type === kind)
  if (doctors.length) return doctors
  if (declared.reference) {
    const { finds_when: holds } = declared // what is retired is named no more
    const isOffered = one => one.active !== false && (!holds || matches(holds, one))
    const all = ask.world.referenceOf(kind).filter(isOffered)
    return all.sort((a, b) => byName(a.title, b.title))
  }
  const [list] = declared.lists
  if (!list) return []
  const { records } = await store.list(`${kind}.${list.name}`, {
    limit: 50,
    reverse: !isOrdered(declared),
  })
  return records.filter(record => !isGone(record))
}

// A field that is called after a sort of place offers those: a bed, a ward.
function placesOf(ask, name) {
  const sorted = placesOfSort(ask, name)
  if (sorted.length) return sorted
  const declared = ask.world.declarations.records.place
  const places = ask.world.referenceOf("place").filter(place => inUse(place, declared))
  const all = places.filter(place => !PLACES.includes(place.kind))
  const near = [ask.world.reference(ask.place), ...roomsFor(ask)].filter(Boolean)
  const rest = all.sort((a, b) => (a.order ?? 0) - (b.order ?? 0))
  return [...near, ...rest]
}

// What is closed is offered no more.
const inUse = (record, declared) => openStates(declared).includes(record.state)

const peopleOf = ask =>
  peopleFor(ask, ask.place, [ask.person._id]).map(one => ask.world.reference(one.value))

// Of several with one name each says what else stands in its row.
function option(ask, record, chosen, named) {
  const name = nameOf(ask, record)
  const also = named.get(name).length > 1 && lineOf(ask, record)
  const label = also ? `${name}·${also}` : name
  return { value: record._id, label, chosen: record._id === chosen }
}
