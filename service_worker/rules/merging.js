// Merging: what was written down twice becomes one, and the other leads there. A merged record has a state
// of its own, so that it is in no list and no clock runs on it.
// Twin of sync/merging.py, function by function. Cases: those of tests/vectors/fold.json.

import { get, held, put } from "./guards.js"

// Puts a record aside for the one that it is: it leads there, and an undo brings it back. What a gate holds
// is not put aside.
export function merged(declarations, record, act) {
  if (get(record, "merged_into") === act.data.into) return { repeat: ["state", "merged_into"] }
  if (!mayBeMerged(declarations, record)) {
    return { reason: record.state === "unknown" ? "no_record" : "held" }
  }
  if (record.state === "merged" && record.setters.merged_into[1] !== act.by) {
    return { reason: "changed_meanwhile" }
  }
  return { was: merge(declarations, record, act) }
}

// Says whether there is a record that no gate holds.
export function mayBeMerged(declarations, record) {
  return record.state !== "unknown" && !held(declarations, record).length
}

// Puts a record aside; returns what was there before.
export function merge(declarations, record, act) {
  const was = { state: record.state, merged_into: get(record, "merged_into") }
  put(declarations, record, "state", "merged", act._id, act.by)
  put(declarations, record, "merged_into", act.data.into, act._id, act.by)
  return was
}
