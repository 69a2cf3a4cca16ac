// What the clock's two acts about rungs make of a record: reached, and annulled visibly.
// Twin of sync/rungs.py, function by function. Cases: tests/vectors/fold.json.

import { get } from "./guards.js"

// Writes down that a rung was reached; returns the outcome, as `apply` of fold.js has it.
export function reached(declarations, record, act) {
  if (record.state === "unknown") return { reason: "no_record" }
  const { ladder, ...said } = act.data
  const climbed = get(record.rungs, ladder) ?? []
  const sameRung = step => step.rung === said.rung && step.due_at === said.due_at
  if (climbed.some(step => sameRung(step) && !("annulled_at" in step))) return { repeat: [] }
  const step = { at: act.at }
  for (const key of Object.keys(said).sort()) step[key] = said[key]
  record.rungs = { ...record.rungs, [ladder]: [...climbed, step] }
  return {}
}

// Takes back that a rung was reached, visibly; returns the outcome, as `apply` of fold.js has it.
export function annulled(declarations, record, act) {
  if (record.state === "unknown") return { reason: "no_record" }
  const { ladder, rung, act: proof = null } = act.data
  const climbed = get(record.rungs, ladder) ?? []
  const stands = step => step.rung === rung && !("annulled_at" in step)
  if (!climbed.some(stands)) return { repeat: [] }
  const mended = climbed.map(step =>
    stands(step) ? { ...step, annulled_at: act.at, annulled_by: proof } : step,
  )
  record.rungs = { ...record.rungs, [ladder]: mended }
  return {}
}
