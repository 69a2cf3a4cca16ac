// What the registers hold, kind by kind: how many records are open, which of them are due.

import { states } from "../rules/selector.js"
import { dayStarts, localDay } from "../rules/worktime.js"
import * as store from "../store/store.js"
import { deadlinesToDo } from "./todo_model.js"

const BY_STATE = "by_state" // the list that every declared kind has: build/tablet_declarations.py adds it

/** Return the name of the list of a declared kind by its states. */
export const listName = kind => `${kind.name}.${BY_STATE}`

/** Whether a kind's lists have an order of their own; else the newest stands first. */
export const isOrdered = kind => Array.isArray(kind.lists[0]?.by)

/** Return the states in which records of a declared kind are open; all where it does not say. */
export const openStates = kind =>
  states(kind.open_when) ?? kind.states?.map(([value]) => value) ?? [""]

/**
 * Return where in a kind's list begins what is planned for the days ahead, as a bound of the store; null
 * where the list goes by something else than moments or days.
 */
export function aheadFrom(kind, { now, calendar }) {
  const [tomorrow, by] = [localDay(now, calendar) + 1, goesBy(kind)]
  if (by === "opened_at") return dayStarts(tomorrow, calendar)
  return kind.fields.some(one => one.name === by && one.kind === "day") ? tomorrow : null
}

/** Whether a record is planned for the days ahead. */
export function isAhead(kind, record, world) {
  const from = aheadFrom(kind, world)
  return from !== null && record[goesBy(kind)] >= from
}

const goesBy = kind => [kind.lists.find(({ name }) => name === BY_STATE).by].flat()[0]

/** Return how many records of a declared kind are in a state; with "" how many there are. */
export const countOf = (kind, state, span = {}) =>
  store.count(listName(kind), { ...span, parts: state ? [state] : [] })

/** Return [label, how many] of the states in which a declared kind is open, without the days ahead. */
export async function openCounts(ask, kind) {
  const [span, labels] = [{ to: aheadFrom(kind, ask.world) }, new Map(kind.states)]
  const count = async state => [labels.get(state) ?? "", await countOf(kind, state, span)]
  return Promise.all(openStates(kind).map(count))
}

/** Return how many open records of a declared kind lie in a span of its list. */
export async function countOfOpen(kind, span) {
  const counts = await Promise.all(openStates(kind).map(state => countOf(kind, state, span)))
  return counts.reduce((sum, n) => sum + n, 0)
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
