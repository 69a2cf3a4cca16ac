// What the registers hold, kind by kind: how many records are open, which of them are due.

import { matches } from "../rules/selector.js"
import * as store from "../store/store.js"
import { deadlinesToDo } from "./todo_model.js"

/** The list that every declared kind has: build/tablet_declarations.py adds it. */
export const listName = kind => `${kind.name}.by_state`

/** Whether a kind's lists have an order of their own; else the newest stands first. */
export const isOrdered = kind => Array.isArray(kind.lists[0]?.by)

/** Return how many records of a declared kind are in a state; with "" how many there are. */
export const countOf = (kind, state) => store.count(listName(kind), { parts: state ? [state] : [] })

/** Return [label, how many] of the states of a declared kind that are open, as far as they say so. */
export async function openCounts(kind) {
  const { state: wanted } = kind.open_when
  const states = kind.states ?? [["", ""]]
  const open = states.filter(([state]) => !wanted || matches({ state: wanted }, { state }))
  return Promise.all(open.map(async ([state, label]) => [label, await countOf(kind, state)]))
}

/** Return what is due on the records of a kind, the most urgent first; see `deadlinesToDo`. */
export const dueOf = (ask, kind) =>
  deadlinesToDo(
    ask.world.running().filter(record => record.type === kind.name),
    ask.world,
    ask.person,
  ).sort((one, other) => one.due_at - other.due_at)

/** Return of what is due that which has passed. */
export const lateOf = (ask, due) => due.filter(one => one.due_at <= ask.now)
