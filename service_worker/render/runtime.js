// Runtime of compiled templates: Python's truth, equality, order and arithmetic for plain JSON values,
// and Jinja2's loops and macros, wherever JavaScript's own would print something else. `undefined` is
// what is missing: it may be asked about, and everything else fails, as in template/environment.py.

import { Markup, TemplateError, describe, escaped, isText, markup, plain, text } from "./markup.js"

export { markup, shown } from "./markup.js"

// Tuples equal tuples, never lists.
class Tuple extends Array {}
export const tuple = (...items) => Tuple.of(...items)

export class Namespace {}

const fail = sentence => {
  throw new TemplateError(sentence)
}

export function isDict(value) {
  if (value === null || typeof value !== "object") return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

// Truth

export function truthy(value) {
  if (value instanceof Markup) return value.html !== ""
  if (Array.isArray(value)) return value.length > 0
  if (isDict(value)) return Object.keys(value).length > 0
  return Boolean(value)
}

export const both = (left, right) => (truthy(left) ? right() : left)
export const either = (left, right) => (truthy(left) ? left : right())

// Equality and order

const comparable = value => {
  if (value === undefined) fail("something missing is compared")
  return typeof value === "boolean" ? Number(value) : plain(value)
}

export function equal(a, b) {
  a = comparable(a)
  b = comparable(b)
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b)) {
    const alike = a.length === b.length && a instanceof Tuple === b instanceof Tuple
    return alike && a.every((item, index) => equal(item, b[index]))
  }
  if (!isDict(a) || !isDict(b)) return false
  const keys = Object.keys(a)
  const alike = keys.length === Object.keys(b).length
  return alike && keys.every(key => Object.hasOwn(b, key) && equal(a[key], b[key]))
}

// Python orders text by code point, JavaScript by UTF-16 unit; they differ above U+D7FF.
function textLess(a, b) {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return raised(x) < raised(y)
  }
  return a.length < b.length
}
const raised = unit => (unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit)

export function less(a, b) {
  a = comparable(a)
  b = comparable(b)
  if (typeof a === "number" && typeof b === "number") return a < b
  if (typeof a === "string" && typeof b === "string") return textLess(a, b)
  if (!Array.isArray(a) || !Array.isArray(b)) fail("these cannot be put in order")
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (!equal(a[i], b[i])) return less(a[i], b[i])
  }
  return a.length < b.length
}

export const atMost = (a, b) => !less(b, a)

export function contains(box, value) {
  if (isText(box)) {
    if (!isText(value)) fail("only text can be in text")
    return plain(box).includes(plain(value))
  }
  if (Array.isArray(box)) return box.some(item => equal(item, value))
  if (!isDict(box)) fail("nothing can be in this")
  if (typeof comparable(value) === "object" && value !== null && !isText(value)) fail("no key")
  return isText(value) && Object.hasOwn(box, plain(value))
}

// Arithmetic

export function number(value) {
  if (typeof value === "boolean") return Number(value)
  return Number.isSafeInteger(value) ? value : fail(`no whole number: ${describe(value)}`)
}

export function add(a, b) {
  if (isText(a) && isText(b)) {
    return a instanceof Markup || b instanceof Markup ? markup(escaped(a) + escaped(b)) : a + b
  }
  if (Array.isArray(a) && Array.isArray(b) && a instanceof Tuple === b instanceof Tuple) {
    return a.concat(b)
  }
  return number(number(a) + number(b))
}

export const subtract = (a, b) => number(number(a) - number(b))
export const negative = value => 0 - number(value)

export function multiply(a, b) {
  if (isText(b)) [a, b] = [b, a]
  if (!isText(a)) return number(number(a) * number(b))
  const repeated = plain(a).repeat(Math.max(number(b), 0))
  return a instanceof Markup ? markup(repeated) : repeated
}

const divisor = value => number(value) || fail("division by nothing")
export const divide = (a, b) => Math.floor(number(a) / divisor(b))
export const modulo = (a, b) => number(a) - divide(a, b) * divisor(b)

export function concat(values) {
  const isMarkup = values.some(value => value instanceof Markup)
  return isMarkup ? markup(values.map(escaped).join("")) : values.map(text).join("")
}

// Looking into things

export function attribute(owner, name) {
  if (owner === undefined) fail(`nothing has no “${name}”`)
  const has = (owner instanceof Namespace || isDict(owner)) && Object.hasOwn(owner, name)
  return has ? owner[name] : undefined
}

export function item(owner, key) {
  if (owner === undefined || key === undefined) fail("something missing is looked into")
  if (typeof key === "boolean") key = Number(key)
  if (typeof key !== "number") return isText(key) ? attribute(owner, plain(key)) : undefined
  if (!isText(owner) && !Array.isArray(owner)) return undefined
  return letters(owner).at(key)
}

// The items of a list, or the letters of a text.
const letters = value => (isText(value) ? Array.from(plain(value)) : value)

export function slice(owner, start, stop) {
  if (!isText(owner) && !Array.isArray(owner)) fail("only text and lists have slices")
  const from = start === null ? 0 : number(start)
  const to = stop === null ? undefined : number(stop)
  const part = letters(owner).slice(from, to)
  if (owner instanceof Markup) return markup(part.join(""))
  return typeof owner === "string" ? part.join("") : part
}

const NUMBER_LIKE = /^(0|[1-9]\d*)$/

// JavaScript moves keys that look like numbers to the front, so there is no order to rely on.
export function keys(dict) {
  const names = Object.keys(dict)
  if (names.length > 1 && names.some(name => NUMBER_LIKE.test(name))) {
    fail("keys that look like numbers have no order: give a list")
  }
  return names
}

export const isGenerator = value => typeof value?.next === "function"

/** Return what `for` iterates over, as an array. */
export function iterate(value) {
  if (Array.isArray(value)) return value
  if (isText(value)) return letters(value)
  if (isGenerator(value)) return [...value]
  return isDict(value) ? keys(value) : fail(`nothing to go through: ${describe(value)}`)
}

export function unpack(value, count) {
  const parts = iterate(value)
  return parts.length === count ? parts : fail(`expected ${count} values, not ${parts.length}`)
}

// Loops

class Loop {
  constructor(items) {
    this.items = items
    this.index0 = -1
  }
  *[Symbol.iterator]() {
    for (const item of this.items) {
      this.index0++
      yield item
    }
  }
  get index() {
    return this.index0 + 1
  }
  get length() {
    return this.items.length
  }
  get revindex() {
    return this.length - this.index0
  }
  get revindex0() {
    return this.length - this.index
  }
  get first() {
    return this.index0 === 0
  }
  get last() {
    return this.index === this.length
  }
  get previtem() {
    return this.items[this.index0 - 1]
  }
  get nextitem() {
    return this.items[this.index]
  }
  cycle(...values) {
    return values.length ? values[this.index0 % values.length] : fail("nothing to cycle through")
  }
  changed(...values) {
    const isSame = this.seen !== undefined && equal(this.seen, values)
    this.seen = values
    return !isSame
  }
}

export const loop = items => new Loop(items)

// Macros

export const OMITTED = Symbol("omitted")

export const capture = body => markup(body())

// The first `required` parameters have no default; what is left out is OMITTED for the others.
export function macro(name, parameters, required, calls, body) {
  return (args, named, caller) => {
    if (args.length > parameters.length) fail(`${name}() takes ${parameters.length} arguments`)
    if (caller && !calls) fail(`${name}() is not for “call”`)
    const rest = { ...named }
    const values = parameters.map((parameter, index) => {
      if (index < args.length) return args[index]
      if (!Object.hasOwn(rest, parameter)) return index < required ? undefined : OMITTED
      const value = rest[parameter]
      delete rest[parameter]
      return value
    })
    if (Object.keys(rest).length) fail(`${name}() takes no argument ${Object.keys(rest)[0]}`)
    return markup(body(...values, caller))
  }
}

export const call = (macro, args, named, caller) =>
  typeof macro === "function" ? macro(args, named, caller) : fail("there is no such macro")

// Functions

export const namespace = values => Object.assign(new Namespace(), values)

export function assign(target, name, value) {
  if (!(target instanceof Namespace)) fail("only a namespace can be given values")
  target[name] = value
}

export function range(...ends) {
  const [start, stop, step] = ends.length === 1 ? [0, ends[0], 1] : [ends[0], ends[1], ends[2] ?? 1]
  if (ends.length > 3 || number(step) === 0) fail("no such range")
  const count = Math.max(Math.ceil((number(stop) - number(start)) / step), 0)
  return Tuple.from({ length: count }, (_, index) => number(start) + index * step)
}

export function icon(name) {
  if (!isText(name)) fail("an icon has a name")
  const use = `<use href="/static/icons.svg#${escaped(name)}"/>`
  return markup(`<svg class="icon" aria-hidden="true">${use}</svg>`)
}

// What the filters of display_format.js take.

export const textOnly = value => (isText(value) ? plain(value) : fail("this is no text"))
export const textOrNone = value => (value === null ? null : textOnly(value))
export const wholeOnly = number
export const wholeOrNone = value => (value === null ? null : number(value))
