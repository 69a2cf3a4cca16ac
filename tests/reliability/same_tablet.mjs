// What keeping.js makes of all that happened to a tablet of a simulated hospital.

import { declarations } from "../../service_worker/generated/declarations.js"
import * as keeping from "../../service_worker/keeping.js"
import { tablet } from "../service_worker/stores.mjs"

const does = {
  keep: (tx, { act, at, round }) =>
    keeping.keepActs(tx, declarations, [act], { keptAt: at, round }),
  acknowledged: (tx, { id, at }) => keeping.settleActs(tx, [id], at),
  refuse: (tx, { id, code, at, round }) =>
    keeping.refuseAct(tx, declarations, { id, code, say: "" }, { at, round }),
  take_page: (tx, { rows, at, round }) =>
    keeping.takePage(tx, declarations, rows, { at, round }),
  _sweep: (tx, { round }) => keeping.sweepRecords(tx, declarations, null, 1_000_000, round),
  offer_again: (tx, { since }) => keeping.offerActs(tx, since),
  _confirm: tx => ["view", "base", "find"].forEach(name => tx.objectStore(name).clear()),
}

// Return what is kept after each group of steps: {view, base, acts}.
export async function replayed(groups) {
  const tx = tablet()
  const found = []
  for (const steps of groups) {
    for (const step of steps) await does[step.what](tx, step)
    found.push(kept(tx))
  }
  return found
}

function kept(tx) {
  const of = (name, told) =>
    Object.fromEntries(tx.objectStore(name).getAll().map(row => [row._id, told(row)]))
  return {
    view: of("view", row => [row.record, row.round]),
    base: of("base", row => [row.record, row.round]),
    acts: of("acts", row => [
      row.state,
      row.over === row.record,
      row.waiting === undefined ? null : row.waiting,
      row.state === "refused" ? row.code : "",
    ]),
  }
}
