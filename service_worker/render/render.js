// Renders templates on the tablet: render("features/arrival/list.html", view, { messages }). They are
// Jinja2's, compiled to JavaScript by build/compile_template.py, so that the server and the tablet
// print the same bytes; what compiled templates call is in runtime.js, filters.js and tests.js.
//
// `view` is plain JSON. `messages` is one language's catalogue {msgid: translation or [plural
// forms]}, with "context\x04msgid" for what has a context; without it, English shows. In the bundle most
// sentences are numbers (build/sentences.mjs), found in the catalogue's list, which is under "".

import { TEMPLATES } from "../generated/templates.js"
import { TemplateError, escaped, markup } from "./markup.js"

/** Return the template `name` rendered with `view`, as a string of HTML. Throws TemplateError. */
export function render(name, view, { messages = {} } = {}) {
  const context = Object.assign(Object.create(null), view)
  try {
    return new Rendering(messages).show(name, context)
  } catch (error) {
    error.message = `${name}: ${error.message}`
    throw error
  }
}

/** Whether a template of this name was compiled. */
export const hasTemplate = name => Object.hasOwn(TEMPLATES, name)

// One page on its way to being text. Compiled templates know it as E.
class Rendering {
  constructor(messages) {
    this.messages = messages
    this.modules = new Map()
  }

  // Other templates

  show(name, context) {
    return this.extend(name, context, Object.create(null))
  }

  extend(name, context, blocks) {
    const template = find(name)
    for (const [block, body] of Object.entries(template.blocks)) (blocks[block] ??= []).push(body)
    return template.root(this, context, blocks)
  }

  include(name, context, locals) {
    return this.show(name, Object.assign(Object.create(context), locals))
  }

  module(name) {
    if (!this.modules.has(name)) {
      const names = Object.create(null)
      this.show(name, names)
      this.modules.set(name, names)
    }
    return this.modules.get(name)
  }

  // What `super()` shows: the block that the current one overrides.
  parent(blocks, name, current, context) {
    const overridden = blocks[name][blocks[name].indexOf(current) + 1]
    if (!overridden) throw new TemplateError(`there is no block “${name}” to show`)
    return markup(overridden(this, context, blocks))
  }

  // Sentences

  gettext(sentence, values) {
    return filled(this.translated(sentence) ?? sentence, values)
  }

  pgettext(context, sentence, values) {
    const translation = this.translated(`${context}\x04${sentence}`)
    return filled(translation ?? sentence, { context, ...values })
  }

  ngettext(singular, plural, count, values) {
    return this.counted(singular, [singular, plural], count, values)
  }

  npgettext(context, singular, plural, count, values) {
    const key = `${context}\x04${singular}`
    return this.counted(key, [singular, plural], count, { context, ...values })
  }

  translated(key) {
    const entry = this.entry(key)
    return typeof entry === "string" ? entry : undefined
  }

  entry(key) {
    if (typeof key === "number") return this.messages[""][key]
    return Object.hasOwn(this.messages, key) ? this.messages[key] : undefined
  }

  counted(key, english, count, values) {
    if (typeof count !== "boolean" && !Number.isSafeInteger(count)) {
      throw new TemplateError("how many is a whole number")
    }
    const isOne = Number(count) === 1
    const forms = this.entry(key)
    const form = Array.isArray(forms) ? forms[isOne ? 0 : forms.length - 1] : undefined
    return filled(form ?? english[isOne ? 0 : 1], { num: count, ...values })
  }
}

function find(name) {
  if (!hasTemplate(name)) throw new TemplateError(`there is no template “${name}”`)
  return TEMPLATES[name]
}

function filled(sentence, values) {
  if (!sentence.includes("%")) return markup(sentence)
  const html = sentence.replace(/%(?:%|\((\w+)\)s|)/g, (placeholder, name) => {
    if (placeholder === "%%") return "%"
    if (name && values && Object.hasOwn(values, name)) return escaped(values[name])
    throw new TemplateError(`“${sentence}” cannot be filled in`)
  })
  return markup(html)
}
