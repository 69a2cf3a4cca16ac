// Escaping: Markup marks text that is HTML already, everything else is escaped when it is shown. Values
// become text as Python's str() and MarkupSafe do it.

export class Markup {
  constructor(html) {
    this.html = html
  }
}

export class TemplateError extends Error {
  name = "TemplateError"
}

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;" }

// Letters that turn the direction of what follows are not shown: they would reach beyond the text.
const SPECIAL = /[&<>"'\u202a-\u202e\u2066-\u2069]/

export const escapeText = text =>
  SPECIAL.test(text)
    ? text.replace(new RegExp(SPECIAL, "g"), letter => ENTITIES[letter] ?? "")
    : text

export const markup = html => new Markup(html)

export const isText = value => typeof value === "string" || value instanceof Markup

// The letters of a text, whether it is markup or not.
export const plain = value => (value instanceof Markup ? value.html : value)

// str(value)
export function text(value) {
  if (typeof value === "string") return value
  if (value instanceof Markup) return value.html
  if (typeof value === "number" && Number.isSafeInteger(value)) return String(value)
  if (value === null) return "None"
  if (value === true) return "True"
  if (value === false) return "False"
  throw new TemplateError(`no text: ${describe(value)}`)
}

// escape(value), as a string of HTML
export const escaped = value => (value instanceof Markup ? value.html : escapeText(text(value)))

// {{ value }}
export function shown(value) {
  if (typeof value === "string") return escapeText(value)
  if (value instanceof Markup) return value.html
  if (value === null) return ""
  if (typeof value === "boolean") throw new TemplateError("a template cannot show true or false")
  return text(value)
}

export function describe(value) {
  if (value === undefined) return "this is missing"
  if (Array.isArray(value)) return "a list"
  return typeof value === "object" ? "a dict" : String(value)
}
