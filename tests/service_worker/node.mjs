// Answers node.py: a line of JSON in, {module, function, arguments: [[…], …]}, a line of JSON out.

import { createInterface } from "node:readline"
import { pathToFileURL } from "node:url"

// Modules of the worker speak of self; without the table names are found as they are written.
globalThis.self ??= globalThis
globalThis.importScripts ??= () => {}

async function answer({ module, function: name, arguments: calls }) {
  const exported = await import(pathToFileURL(module))
  if (typeof exported[name] !== "function") {
    throw new Error(`${module} exports no function ${name}`)
  }
  const results = []
  for (const args of calls) {
    try {
      results.push({ value: await exported[name](...args) })
    } catch (error) {
      results.push({ error: String(error.message ?? error) })
    }
  }
  return { results }
}

for await (const line of createInterface({ input: process.stdin })) {
  const reply = await answer(JSON.parse(line)).catch(error => ({ error: String(error.stack) }))
  process.stdout.write(`${JSON.stringify(reply)}\n`)
}
process.exit() // whatever a module left waiting
