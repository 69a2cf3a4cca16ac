// Bundles with esbuild: one classic script for the worker, one for the pages, one stylesheet, and what the office has
// besides, which no tablet needs. The worker has one language's words; those of each other are a file. Classic, because module workers came to Firefox only in 2026.
// Usage: node bundle.mjs <web folder> <output folder>

import { build } from "esbuild"
import { existsSync } from "node:fs"
import { readFile, writeFile } from "node:fs/promises"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { minify } from "terser"
import { numbered } from "./sentences.mjs"

const here = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const [web, output] = process.argv.slice(2)

// Hospitals replace tablets slowly: browsers of the end of 2023, the first to know every CSS feature we use.
const target = ["chrome123", "safari17.5", "firefox121"]

const common = {
  bundle: true,
  minify: true,
  target,
  legalComments: "none",
  charset: "utf8",
  logLevel: "warning",
}
const script = { ...common, format: "iife", nodePaths: [path.join(here, "node_modules")] }
const style = { ...common, external: ["/static/*"] }

const { plugin, catalogues } = await numbered(here)
const [, ...others] = Object.entries(catalogues)
for (const [language, words] of others) {
  await writeFile(path.join(output, `words-${language}.json`), JSON.stringify(words))
}

const bundles = [
  [{ ...script, plugins: [plugin] }, "worker", path.join(here, "worker.js")],
  [script, "app", path.join(web, "scripts", "every_page.js")],
  [script, "office", path.join(web, "scripts", "office.js")],
  [style, "floorwalk", path.join(web, "styles", "index.css")],
  [style, "office", path.join(web, "styles", "office.css")],
]

// While the tree is still growing, what is not there yet is named and left out.
const isThere = name => bundles.some(([, one, entry]) => one === name && existsSync(entry))
const missing = bundles.filter(([, , entry]) => !existsSync(entry))
for (const [, , entry] of missing) console.warn(`Not there yet: ${entry}`)

try {
  await Promise.all(
    bundles
      .filter(bundle => !missing.includes(bundle))
      .map(([options, name, entry]) =>
        build({ ...options, entryPoints: { [name]: entry }, outdir: output }),
      ),
  )
  await Promise.all(["worker", "app"].filter(isThere).map(shorten))
} catch (error) {
  if (!error.errors) console.error(error) // else esbuild has said why
  process.exitCode = 1
}

/** Write a script of the tablet shorter than esbuild can: its names in the order of their use pack better. */
async function shorten(name) {
  const file = path.join(output, `${name}.js`)
  const compress = { ecma: 2022, sequences: false }
  const { code } = await minify(await readFile(file, "utf8"), { ecma: 2022, compress })
  await writeFile(file, code)
}
