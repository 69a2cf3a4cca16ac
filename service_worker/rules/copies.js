// Copies: a field may take its value from a link when the act is made, and keeps it as it was then. Whoever
// makes the act copies what it knows; the server fills what a tablet could not know.
// Twin of sync/copies.py, function by function. Cases: tests/vectors/copies.json.

import { answerKeys, get, put } from "./guards.js"
import { answers } from "./maps.js"

// Returns {field: [id, the field there]} of what an act should copy, and does not say itself. A link that
// the act names is copied from anew; one that the record has, where nothing was copied yet.
export function takenFrom(kind, declared, record, data) {
  const found = {}
  for (const { name, takes } of kind.fields) {
    if (!takes?.length || !declared.asks.includes(name) || Object.hasOwn(data, name)) continue
    const [link, source] = takes
    const id = get(data, link) ?? (Object.hasOwn(record, name) ? null : get(record, link))
    if (id) found[name] = [id, source]
  }
  return found
}

// Fills what the maker of an act could not know; what is there already stays.
export function filled(declarations, record, act) {
  if (record.state === "unknown") return { reason: "no_record" }
  const lacking = Object.entries(act.data).filter(([name]) => !Object.hasOwn(record, name))
  if (!lacking.length) return { repeat: [] }
  const said = answers(declarations.records[record.type], Object.fromEntries(lacking))
  const was = {}
  for (const name of Object.keys(said).filter(path => !path.includes("."))) {
    was[name] = null
    put(declarations, record, name, said[name], act._id, act.by)
  }
  answerKeys(declarations, { undo: true }, record, act, said)
  return { was }
}
