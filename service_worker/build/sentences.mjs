// Numbers the sentences of the worker's bundle: there `_("Wait")` is `12`, and a catalogue a list, so that a tablet
// carries one language and not English as well. Sources and `generated/` keep the sentences themselves.
//
// A sentence that stands somewhere unmarked besides, or comes from the server, stays in the catalogues under itself.

import { readFile, readdir } from "node:fs/promises"
import path from "node:path"

const TEXT = String.raw`("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')`
const MARKED = new RegExp(String.raw`(?<![\w.])_\(\s*${TEXT}\s*,?\s*\)`, "g") // in scripts and declarations
const SHOWN = new RegExp(String.raw`\bE\.gettext\(${TEXT}`, "g") // in templates, as the compiler writes them
const IN_CONTEXT = new RegExp(String.raw`\bE\.pgettext\(${TEXT}, ${TEXT}`, "g")
const COUNTED = new RegExp(String.raw`\bE\.ngettext\(${TEXT}, ${TEXT}`, "g")
const LIST = "" // the key of a catalogue's list: no sentence is empty

const textOf = literal =>
  literal[0] === '"' ? JSON.parse(literal) : literal.slice(1, -1).replace(/\\(.)/g, "$1")

/**
 * Return {plugin, catalogues} for a folder of modules: esbuild's plugin that numbers what it loads, and {language:
 * catalogue} by these numbers, the first being the one that is bundled.
 */
export async function numbered(folder) {
  const { messages } = await import(path.join(folder, "generated", "messages.js"))
  const languages = Object.keys(messages)
  const known = new Set(languages.flatMap(language => Object.keys(messages[language])))
  const numbers = new Map() // key → number, in the order in which they stand in the sources
  const english = [null] // by number; no sentence has the number 0
  const numberOf = (key, said) => {
    if (!numbers.has(key)) numbers.set(key, english.push(said) - 1)
    return numbers.get(key)
  }
  const isOne = key => known.has(key) && languages.every(one => !Array.isArray(messages[one][key]))

  const rewrite = text =>
    text
      .replace(MARKED, (call, literal) => {
        const said = textOf(literal)
        return isOne(said) ? String(numberOf(said, said)) : call
      })
      .replace(SHOWN, (call, literal) => {
        const said = textOf(literal)
        return isOne(said) ? `E.gettext(${numberOf(said, said)}` : call
      })
      .replace(IN_CONTEXT, (call, context, literal) => {
        const [said, key] = [textOf(literal), `${textOf(context)}\x04${textOf(literal)}`]
        return isOne(key) && !said.includes("%(context)s")
          ? `E.gettext(${numberOf(key, said)}`
          : call
      })
      .replace(COUNTED, (call, one, many) => {
        const forms = [textOf(one), textOf(many)]
        return known.has(forms[0]) ? `E.ngettext(${numberOf(forms[0], forms)}, 0` : call
      })

  const rewritten = new Map()
  for (const file of await scripts(folder)) {
    rewritten.set(file, rewrite(await readFile(file, "utf8")))
  }
  const left = [...rewritten.values()].join("\n")
  const isLeft = key => {
    const asked = key
      .split("\x04")
      .map(said => JSON.stringify(said))
      .join(", ")
    if (key.includes("\x04")) return left.includes(asked) // only templates ask in a context, and literally
    return !numbers.has(key) || left.includes(asked) || left.includes(`'${key}'`)
  }
  const others = [...known].filter(isLeft)
  const catalogues = Object.fromEntries(
    languages.map(language => {
      const own = messages[language]
      const list = [...numbers].map(([key, number]) => own[key] ?? english[number])
      const rest = others.filter(key => Object.hasOwn(own, key)).map(key => [key, own[key]])
      return [language, { [LIST]: [0, ...list], ...Object.fromEntries(rest) }]
    }),
  )
  const bundled = { [languages[0]]: catalogues[languages[0]] }
  rewritten.set(
    path.join(folder, "generated", "messages.js"),
    `export const messages = ${JSON.stringify(bundled)}`,
  )
  return { plugin: pluginOf(rewritten), catalogues }
}

async function scripts(folder) {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  return found
    .filter(one => one.isFile() && one.name.endsWith(".js") && one.name !== "messages.js")
    .map(one => path.join(one.parentPath, one.name))
    .filter(file => !/node_modules|static|[\\/]build[\\/]/.test(path.relative(folder, file)))
    .sort()
}

const pluginOf = rewritten => ({
  name: "sentences",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.js$/ }, ({ path: file }) => {
      const contents = rewritten.get(file)
      return contents === undefined ? null : { contents, loader: "js" }
    }),
})
