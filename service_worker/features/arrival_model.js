// View model of a visit in the lobby: pure functions of the record and of `ask`, which has the
// reference data.
import { labelOf } from "../models/labels.js"
import { _ } from "../base/words.js"

export const FIRST = [
  ["first", _("First visit")],
  ["again", _("Was here before")],
  ["appointment", _("Has an appointment")],
  ["no_doctor", _("Not to see a doctor")],
]

// Where a greeted person is sent; `data` are fields of the act, `then` the path of the screen that follows.
export const TO = [
  {
    value: "triage",
    sign: "stethoscope",
    label: _("Triage desk"),
    note: _("ask first what is wrong"),
    data: { next_stage: "triaged" },
  },
  {
    value: "registration",
    sign: "ticket",
    label: _("Registration"),
    note: _("take a number"),
    data: { next_stage: "registered" },
  },
  {
    value: "room",
    sign: "armchair",
    label: _("Known consulting room"),
    note: _("has been told which"),
    data: { next_stage: "waiting" },
  },
  {
    value: "report",
    sign: "file-text",
    label: _("Collect a report"),
    note: _("laboratory"),
    data: { next_stage: "examined", question: "" },
  },
  {
    value: "question",
    sign: "circle-question-mark",
    label: _("Only a question"),
    note: _("advice desk"),
    data: { intent: "consult" },
  },
  {
    value: "emergency",
    sign: "emergency",
    label: _("Emergency"),
    note: _("take them there at once"),
    data: { priority: "emergency", next_stage: "with_doctor" },
  },
].map(one => ({
  ...one,
  data: Object.fromEntries(Object.entries(one.data).filter(([, value]) => value !== "")),
}))

/** Return the fields of the act for the chosen chip of the greeting, a value of FIRST. */
export function firstOf(value) {
  if (value === "first") return { first_visit: true }
  if (value === "again") return { first_visit: false }
  if (value === "appointment") return { appointment: true }
  if (value === "no_doctor") return { intent: "consult" }
  return {}
}

/** Return the line of a visit in the list. */
export function line(record, ask) {
  const key = record._id.split(":")[1]
  return {
    id: "visit-" + key,
    href: record.noticed ? `/floor/lobby/greet?visit=${key}` : `/floor/lobby/${key}`,
    name: record.name || "",
    title: record.salutation ? labelOf(ask, "arrival", "salutation", record.salutation) : "",
    first_visit:
      record.first_visit === true ? "first" : record.first_visit === false ? "again" : "",
    noticed: Boolean(record.noticed),
    question: record.chief_complaint || record.question || "",
    next_label: nextLabel(record, ask),
    here: ask.now - record.opened_at,
    sent_off_at: record.sent_off_at ?? null,
    mark: ask.world.mark(record._id),
    current: false,
  }
}

/** Return where the visit goes next. G-11: the place when it is known, else the kind of stop. */
export function nextLabel(record, ask) {
  const place = record.next_place ? ask.world.reference(record.next_place)?.title : ""
  if (place) return place
  return record.next_stage ? labelOf(ask, "arrival", "stage", record.next_stage) : ""
}

/** Return seven stops at most, [{label, at (ms or null), state: done|now|ahead}]. */
export function stops(record, ask) {
  const stages = ask.world.declarations.stages
  const at = Math.max(0, stages.indexOf(record.stage))
  const from = Math.max(0, Math.min(at - 2, stages.length - 7))
  return stages.slice(from, from + 7).map((value, n) => ({
    label: labelOf(ask, "arrival", "stage", value),
    at: reachedAt(record, value),
    state: from + n < at ? "done" : from + n === at ? "now" : "ahead",
  }))
}

function reachedAt(record, stage) {
  if (stage === "arrived") return record.opened_at
  const setter = record.setters.stage
  const last = setter && record.acts.recent.find(entry => entry.id === setter[0])
  return stage === record.stage && last ? last.at : null
}

/**
 * Return the stops that can be tapped, [{value, label}]. J-04: stops may be skipped, so all ahead:
 * eight at most.
 */
export function stagesAhead(record, ask) {
  const stages = ask.world.declarations.stages
  const at = stages.indexOf(record.stage)
  return stages
    .slice(at + 1)
    .filter(value => value !== "waiting")
    .slice(0, 8)
    .map(value => ({ value, label: labelOf(ask, "arrival", "stage", value) }))
}

/** Whether something of a full registration is still missing. */
export function needsFile(record) {
  return !record.name || !record.phone || !record.chief_complaint
}
