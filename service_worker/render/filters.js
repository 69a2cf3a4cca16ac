// Jinja2's filters (`x|sort`), those that build/template/allowed.py lets templates use. Each takes all
// of its arguments: the compiler writes the defaults out. What is lazy in Jinja2 is a generator here
// too, so that |first evaluates no more than it does there, and fails where it fails.

import { Markup, TemplateError, describe, escaped, isText, markup, plain, text } from "./markup.js"
import { add, equal, isDict, item, iterate, keys, less, number } from "./runtime.js"
import { isGenerator, tuple, truthy } from "./runtime.js"

const fail = sentence => {
  throw new TemplateError(sentence)
}

// Applies to the letters; what was markup stays markup.
const onText = (value, change) =>
  value instanceof Markup ? markup(change(value.html)) : change(text(value))

// Any value

export const fallback = (value, other, orFalse) =>
  value === undefined || (truthy(orFalse) && !truthy(value)) ? other : value

export const string = value => (value instanceof Markup ? value : text(value))
export const escape = value => (value instanceof Markup ? value : markup(escaped(value)))
export const abs = value => Math.abs(number(value))

export function tojson(value) {
  const json = asJson(value).replace(
    /[<>&']/g,
    letter => `\\u00${letter.charCodeAt(0).toString(16)}`,
  )
  return markup(json)
}

function asJson(value) {
  if (Array.isArray(value)) return `[${value.map(asJson).join(", ")}]`
  if (isDict(value)) {
    const names = Object.keys(value).sort(byOrder)
    return `{${names.map(name => `${asJson(name)}: ${asJson(value[name])}`).join(", ")}}`
  }
  if (isText(value)) return JSON.stringify(plain(value)).replace(/[\x7f-\uffff]/g, asUnicode)
  if (value === null || typeof value === "boolean") return String(value)
  return text(value)
}

const asUnicode = unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`

// Text

export const upper = value => onText(value, letters => letters.toUpperCase())
export const lower = value => onText(value, letters => letters.toLowerCase())

const SPACE =
  "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"
const SPACE_AROUND = new RegExp(`^[${SPACE}]+|[${SPACE}]+$`, "g")

export const trim = (value, chars) =>
  onText(value, letters => {
    if (chars === null) return letters.replace(SPACE_AROUND, "")
    const cut = new Set(isText(chars) ? plain(chars) : fail("only letters can be trimmed"))
    const kept = Array.from(letters)
    while (kept.length && cut.has(kept[0])) kept.shift()
    while (kept.length && cut.has(kept.at(-1))) kept.pop()
    return kept.join("")
  })

export function truncate(value, length, killWords, end, leeway) {
  if (!isText(value)) fail("only text can be truncated")
  const letters = Array.from(plain(value))
  const room = number(length) - Array.from(plain(end)).length
  if (room < 0 || number(leeway) < 0) fail("too short to truncate to")
  if (letters.length <= length + leeway) return value
  const kept = letters.slice(0, room).join("")
  const cut = truthy(killWords) || !kept.includes(" ") ? kept : kept.slice(0, kept.lastIndexOf(" "))
  return add(value instanceof Markup ? markup(cut) : cut, end)
}

export function replace(value, old, other) {
  if (text(old) === "") fail("nothing to replace")
  const becomesMarkup = [value, old, other].some(each => each instanceof Markup)
  if (!becomesMarkup) return text(value).split(text(old)).join(text(other))
  return markup(escaped(value).split(text(old)).join(escaped(other)))
}

export function urlencode(value) {
  if (value === undefined || (typeof value === "object" && value !== null && !isText(value))) {
    fail(`nothing for a URL: ${describe(value)}`)
  }
  return encodeURIComponent(text(value))
    .replace(/[!'()*]/g, asPercent)
    .replaceAll("%2F", "/")
}

const asPercent = letter => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`

export function length(value) {
  if (isGenerator(value)) fail("no length")
  if (isDict(value)) return Object.keys(value).length
  return iterate(value).length
}

// Lists

const caseless = (value, caseSensitive) =>
  isText(value) && !caseSensitive ? plain(lower(value)) : value

// The value of "a.b.0" in something; `other` stands in for what is missing on the way.
function pick(value, path, other = null) {
  if (path === null) return value
  for (const part of String(path).split(".")) {
    value = item(value, /^\d+$/.test(part) ? Number(part) : part)
    if (value === undefined && other !== null) value = other
  }
  return value
}

const byOrder = (a, b) => (less(a, b) ? -1 : less(b, a) ? 1 : 0)

export const first = value => (isGenerator(value) ? value.next().value : iterate(value)[0])
export const last = value => iterate(value).at(-1)
export const list = value => [...iterate(value)]

export function* reverse(value) {
  yield* [...iterate(value)].reverse()
}

export function join(value, separator, path) {
  const parts = iterate(value).map(part => pick(part, path))
  const isMarkup = [separator, ...parts].some(part => part instanceof Markup)
  if (!isMarkup) return parts.map(text).join(text(separator))
  return markup(parts.map(escaped).join(escaped(separator)))
}

export function sort(value, reversed, caseSensitive, paths) {
  const names = paths === null ? [null] : String(paths).split(",")
  const keyed = iterate(value).map(each => {
    return { each, key: names.map(name => caseless(pick(each, name), caseSensitive)) }
  })
  const sign = reversed ? -1 : 1
  return keyed.sort((a, b) => sign * byOrder(a.key, b.key)).map(({ each }) => each)
}

export function* unique(value, caseSensitive, path) {
  const seen = []
  for (const each of iterate(value)) {
    const key = caseless(pick(each, path), caseSensitive)
    if (seen.some(other => equal(other, key))) continue
    seen.push(key)
    yield each
  }
}

export const sum = (value, path, start) =>
  iterate(value).reduce((total, each) => number(number(total) + number(pick(each, path))), start)

const best = isBetter => (value, caseSensitive, path) => {
  const key = each => caseless(pick(each, path), caseSensitive)
  const choose = (a, b) => (isBetter(key(b), key(a)) ? b : a)
  const all = iterate(value)
  return all.length ? all.reduce(choose) : undefined
}
export const min = best(less)
export const max = best((a, b) => less(b, a))

export function* batch(value, count, filler) {
  const all = iterate(value)
  const size = number(count)
  for (let at = 0; at < all.length; at += size) {
    const row = all.slice(at, at + size)
    if (filler !== null) while (row.length < size) row.push(filler)
    yield row
  }
}

export function groupby(value, path, other, caseSensitive) {
  const keyOf = each => pick(each, path, other)
  const keyed = iterate(value).map(each => ({ each, key: caseless(keyOf(each), caseSensitive) }))
  const groups = []
  for (const { each, key } of keyed.sort((a, b) => byOrder(a.key, b.key))) {
    const open = groups.at(-1)
    if (open && equal(open.key, key)) open.members.push(each)
    else groups.push({ key, members: [each] })
  }
  return groups.map(({ members }) => tuple(keyOf(members[0]), members))
}

// Dicts

export function* items(value) {
  if (value === undefined) return
  if (!isDict(value)) fail("only a dict has items")
  for (const key of keys(value)) yield tuple(key, value[key])
}

export function dictsort(value, caseSensitive, by, reversed) {
  if (!isDict(value)) fail("only a dict has items")
  const side = by === "value" ? 1 : 0
  const pairs = keys(value).map(key => tuple(key, value[key]))
  return sort(pairs, reversed, caseSensitive, String(side))
}

// Picking: `test` and `filter` come compiled.

export function* map(value, filter) {
  if (truthy(value)) for (const each of iterate(value)) yield filter(each)
}

export function* mapAttribute(value, path, other) {
  if (truthy(value)) for (const each of iterate(value)) yield pick(each, path, other)
}

export function* select(value, test) {
  if (truthy(value)) for (const each of iterate(value)) if (test(each)) yield each
}

export function* selectattr(value, path, test) {
  yield* select(value, each => test(pick(each, path)))
}

export const reject = (value, test) => select(value, each => !test(each))

export const rejectattr = (value, path, test) => selectattr(value, path, each => !test(each))
