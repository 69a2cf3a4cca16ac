// What screens may look up without waiting: settings, the calendar, people, places, doctors, marks.

import { newId } from "../rules/act.js"
import { declarations } from "../generated/declarations.js"
import * as store from "../store/store.js"

// The parts of a calendar that no record of a year says; server/acts/reference.py has the same.
const WEEK = { offset: 480, closes: 18 * 60, week: [1, 1, 1, 1, 1, 0, 0] }

let computed = { version: null, at_hand: null }

/** Return the world at `now`, as the screens read it. */
export async function worldAt(now) {
  const at_hand = await store.atHand()
  const { settings, calendar } = computedFrom(at_hand)
  return {
    now,
    declarations,
    settings,
    calendar,
    reference: id => at_hand.reference.get(id) ?? null,
    referenceOf: type => [...at_hand.reference.values()].filter(record => record.type === type),
    running: () => [...at_hand.running.values()],
    mark: id => at_hand.mark(id),
    markOfAct: id => markOfAct(at_hand, id),
    actId: () => newId("act", now),
  }
}

// Computed once for each change of the reference records.
function computedFrom(at_hand) {
  if (computed.at_hand !== at_hand || computed.version !== at_hand.version) {
    const records = [...at_hand.reference.values()]
    computed = {
      at_hand,
      version: at_hand.version,
      settings: settingsWith(records.filter(record => record.type === "setting")),
      calendar: calendarOf(records.filter(record => record.type === "calendar")),
    }
  }
  return computed
}

/** The settings with what the site changed, as sync.settings.with_changes gives them. */
export function settingsWith(records) {
  const settings = { ...declarations.settings }
  for (const record of records) {
    const key = record._id.slice("setting:".length)
    const stands = record.state !== "unknown" && record.state !== "undone"
    if (key in settings && stands) settings[key] = { ...settings[key], value: record.value ?? null }
  }
  return settings
}

function calendarOf(records) {
  return {
    ...WEEK,
    off: records.flatMap(record => record.off ?? []),
    work: records.flatMap(record => record.work ?? []),
  }
}

function markOfAct(at_hand, id) {
  if (at_hand.refused.has(id)) return "refused"
  return at_hand.waiting.has(id) ? "kept" : "sent"
}

/** Whether a clock's rung is this person's business: the owner, or somebody of a post. */
export function isMine(clock, record, person) {
  const posts = person?.posts ?? []
  return clock.tell.some(who =>
    who === "owner" ? record.owner === person?._id : posts.includes(who),
  )
}

/** The page of a record; empty for a kind that has none on the tablet. */
export function hrefOf({ _id }) {
  const [kind, rest] = _id.split(":")
  const path = declarations.records[kind]?.path
  return path ? `/floor/${path}/${rest}` : ""
}
