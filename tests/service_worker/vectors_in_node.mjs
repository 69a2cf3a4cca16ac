// Runs the vectors in Node: node vectors_in_node.mjs <folder of the vectors> <folder of twins>…
// Writes a line of JSON for each folder of twins: {folder, ran, failed}. A folder may be followed by
// `=fold`: then that module is asked first, and only the first failure is of interest.

import { readFileSync } from "node:fs"
import path from "node:path"
import { pathToFileURL } from "node:url"
import { MODULES, run } from "./vectors.js"

const [vectors, ...folders] = process.argv.slice(2)

const texts = Object.fromEntries(
  [...MODULES, "declared"].map(name => [
    name,
    readFileSync(path.join(vectors, `${name}.json`), "utf-8"),
  ]),
)

for (const argument of folders) {
  const [folder, first] = argument.split("=")
  const outcome = await tried(folder, first).catch(error => ({ ran: 0, failed: [String(error)] }))
  process.stdout.write(`${JSON.stringify({ folder, ...outcome })}\n`)
}

async function tried(folder, first) {
  const modules = {}
  for (const name of MODULES) {
    modules[name] = await import(pathToFileURL(path.resolve(folder, `${name}.js`)))
  }
  return run(modules, texts, first ? { first, most: 1 } : {})
}
