// Maps: fields that are kept key by key, each key with a setter of its own in `setters`. A path is a
// field's name, or a map's and a key's ("ticks.floor"). The setter of a key is [act, by, was, also], what
// says nothing at its end left out: `was` is [value, by, act], what the answer replaced, null for nothing,
// false where it may not be taken back; `also` are the [act, by] of others who said the same.
// Twin of sync/maps.py, function by function. Cases: tests/vectors/maps.json.

import { isEmpty } from "./check_act.js"
import { MAPS, isObject, parted } from "./field_kinds.js"
import { matches, same } from "./selector.js"

const known = new WeakMap()

// Returns the names of the fields of a declared kind that are kept key by key.
export function mapsOf(kind) {
  if (!known.has(kind)) {
    const maps = kind.fields.filter(field => MAPS.includes(field.kind))
    known.set(
      kind,
      maps.map(field => field.name),
    )
  }
  return known.get(kind)
}

// Returns the value at a path, null for none.
export function read(record, path) {
  if (!path.includes(".")) return own(record, path)
  const [name, key] = parted(path)
  return own(own(record, name) ?? {}, key)
}

// Returns what data says by paths, each key of its maps for itself.
export function answers(kind, data) {
  const maps = mapsOf(kind)
  if (!maps.length) return data
  const found = {}
  for (const [name, value] of Object.entries(data)) {
    if (!maps.includes(name)) found[name] = value
    else for (const key of Object.keys(value ?? {})) found[`${name}.${key}`] = value[key]
  }
  return found
}

// Returns data that says what stands by paths: the way back of `answers`.
export function nested(said) {
  const data = {}
  for (const [path, value] of Object.entries(said)) {
    const [name, key] = parted(path)
    if (!key) data[name] = value
    else (data[name] ??= {})[key] = value
  }
  return data
}

// Setters of keys

// Returns the setter of a key once an act says a value there; null to leave it as it is. Whoever says what
// stands there already is written down with who said it first, once.
export function answered(record, path, value, act, undo) {
  const old = read(record, path)
  const setter = own(record.setters, path)
  if (!same(old, value)) {
    const was = old === null || setter === null ? null : [old, setter[1], setter[0]]
    return shortened(act._id, act.by, undo ? was : false, [])
  }
  if (setter === null) return null
  const [first, by, was = null, also = []] = setter
  if (by === act.by || also.some(other => other[1] === act.by)) return null
  return shortened(first, by, was, [...also, [act._id, act.by]])
}

// Returns {path: who said it} of the keys that an act answered, alone or among others. An act of any age is
// looked for, so all setters are; only an undo asks.
export function answeredBy(record, act) {
  const found = {}
  for (const [path, [first, by, was, also = []]] of Object.entries(record.setters)) {
    if (!path.includes(".")) continue
    for (const [one, person] of [[first, by], ...also, was ? [was[2], was[1]] : []]) {
      if (one === act) found[path] = person
    }
  }
  return found
}

// Returns [value, setter] of a key without an act; null for a key that nobody answered. It goes to whoever
// said the same, else back to what was there before.
export function takenBack(record, path, act) {
  const value = read(record, path)
  const [first, by, was = null, also = []] = record.setters[path]
  if (first !== act) {
    const left = also.filter(other => other[0] !== act)
    return [value, shortened(first, by, was && was[2] === act ? null : was, left)]
  }
  if (also.length) return [value, shortened(...also[0], was, also.slice(1))]
  return was ? [was[0], [was[2], was[1]]] : [null, null]
}

// Says whether the act's answer at a path is not one for good.
export function mayBeTakenBack(record, path, act) {
  const [first, , was] = record.setters[path]
  return first !== act || was !== false
}

function shortened(act, by, was, also) {
  if (also.length) return [act, by, was, also]
  return was === null ? [act, by] : [act, by, was]
}

// What a form still lacks

// Returns the paths that an act must still answer, seen over its record. Forms and the fold ask alike: a
// field may be required by what the record says, and an act may need every item of a map. A map whose items
// are not known yet lacks as a whole.
export function missing(kind, declared, record, data) {
  const { asks, needs_all = [] } = declared
  const fields = kind.fields.filter(one => isObject(one.required) && asks.includes(one.name))
  if (!fields.length && !needs_all.length) return []
  const laid = beneath(kind, record, data)
  const fits = selector => !selector || matches(selector, laid)
  const found = asks.filter(name => {
    const field = fields.find(one => one.name === name)
    return field && isEmpty(laid[name]) && fits(field.shown_when) && fits(field.required)
  })
  for (const name of needs_all) {
    const field = kind.fields.find(one => one.name === name)
    if (!fits(field.shown_when)) continue
    const items = itemsOf(field, laid)
    const said = laid[name] ?? {}
    if (!items.length) found.push(name)
    for (const item of items) if (!Object.hasOwn(said, item)) found.push(`${name}.${item}`)
    found.push(...unexplained(kind, name, laid))
  }
  return found
}

// Returns the paths of reasons that lack: of items that are answered so that one is asked.
function unexplained(kind, name, laid) {
  return kind.fields
    .filter(({ explains = [] }) => explains[0] === name)
    .flatMap(field =>
      Object.entries(laid[name] ?? {})
        .filter(([item, answer]) => answer === field.explains[1] && !laid[field.name]?.[item])
        .map(([item]) => `${field.name}.${item}`),
    )
}

// Returns the keys of a map that are to be answered: as declared, or as the record has them.
export function itemsOf(field, record) {
  if (field.rows?.length) return field.rows.map(row => row[0])
  const items = own(record, field.items ?? "") ?? []
  return Array.isArray(items) ? items : Object.keys(items)
}

// Returns the record with the data of a form or act laid over it, maps key by key.
export function beneath(kind, record, data) {
  const laid = { ...record }
  for (const [name, value] of Object.entries(data)) {
    if (!mapsOf(kind).includes(name)) laid[name] = value
    else {
      const entries = Object.entries({ ...record[name], ...value })
      laid[name] = Object.fromEntries(entries.filter(([, item]) => item !== null))
    }
  }
  return Object.fromEntries(Object.entries(laid).filter(([, value]) => !isEmpty(value)))
}

const own = (object, name) => (Object.hasOwn(object, name) ? object[name] : null)
