// Bundles with esbuild: one classic script for the worker, one for the pages, one stylesheet, and what the office has
// besides, which no tablet needs. The worker has one language's words; those of each other are a file. Classic, because module workers came to Firefox only in 2026.
// Usage: node bundle.mjs <web folder> <output folder>

import { build } from "esbuild"
import { existsSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import path from "node:path"
import { fileURLToPath } from "node:url"
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
} catch {
  process.exitCode = 1 // esbuild has said why
}
