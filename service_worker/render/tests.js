// Jinja2's tests (`x is odd`), those that build/template/allowed.py lets templates use.

import { isText } from "./markup.js"
import { atMost, contains, equal, isDict, isGenerator, iterate, less, modulo } from "./runtime.js"

export const defined = value => value !== undefined
export const notDefined = value => value === undefined
export const none = value => value === null
export const boolean = value => typeof value === "boolean"
export const isTrue = value => value === true
export const isFalse = value => value === false
export const integer = value => typeof value === "number"
export const number = value => typeof value === "number" || typeof value === "boolean"
export const string = isText
export const mapping = isDict
export const sequence = value => isText(value) || Array.isArray(value) || isDict(value)

export function iterable(value) {
  if (value === undefined) iterate(value) // fails
  return sequence(value) || isGenerator(value)
}

export const odd = value => modulo(value, 2) === 1
export const even = value => modulo(value, 2) === 0
export const divisibleby = (value, by) => modulo(value, by) === 0

export const eq = equal
export const ne = (a, b) => !equal(a, b)
export const lt = less
export const gt = (a, b) => less(b, a)
export const le = atMost
export const ge = (a, b) => atMost(b, a)
export const isIn = (value, box) => contains(box, value)
