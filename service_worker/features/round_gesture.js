// What is said at a bed as one gesture: the answers, the round that they begin, and what becomes of what
// was heard, with an owner and a clock. All of it is kept, or nothing is, before the bed is left (RD-04).

import { may } from "../screens/acts.js"
import { dataOf, newId } from "../screens/forms.js"
import { isWithin } from "../models/reach.js"
import { keyId } from "../rules/act.js"
import { receipt } from "../rules/display_format.js"
import { matches } from "../rules/selector.js"
import { add, localDay } from "../rules/worktime.js"
import * as store from "../store/store.js"
import { _ } from "../base/words.js"
import { isOver, opinionId } from "./round_model.js"

// What an answer is about that asks for something, where nobody chose what becomes of it.
const ABOUT = { pain: "care", sleep: "care", meals: "meals" }

/** The id of what is asked at a bed on a round, whoever asks. */
export const bedsideId = ({ round }, bed) => keyId("bedside", [round.id, bed.place._id])

/** Return the gesture of a bed: [[act, record, data], …]. `verb` is asked, well or passed_by. */
export async function gestureOf(ask, whole, bed, verb) {
  const id = bedsideId(whole, bed)
  const data = { ...whereOf(whole, bed), ...(await answersOf(ask, bed, verb)) }
  const gesture = [[`bedside.${verb}`, id, data]]
  if (!isOver(whole.round.record) && !whole.round.record?.begun_at) {
    gesture.push(["round.begun", whole.round.id, whole.round.data])
  }
  if (verb === "asked") gesture.push(...(await becoming(ask, whole, bed, id, data)))
  // RD-05: who lies in the hospital was asked after.
  if (verb !== "passed_by" && bed.stay && may(ask, "stay.asked")) {
    gesture.push(["stay.asked", bed.stay._id, { again_on: nextDay(ask) }])
  }
  return gesture
}

// The day by which the next round is here.
function nextDay(ask) {
  const { calendar, settings } = ask.world
  const { value, unit } = settings["round.every"]
  return localDay(value ? add(ask.now, value, unit, calendar) : ask.now, calendar)
}

const whereOf = ({ ward, round }, { place, stay }) => ({
  ...{ round: round.id, bed: place._id, ward: ward._id },
  ...(stay ? { stay: stay._id } : {}),
})

async function answersOf(ask, bed, verb) {
  if (verb === "well") return bed.stay?.doctor ? { doctor: bed.stay.doctor } : {}
  const data = dataOf(ask, `bedside.${verb}`, bed.now)
  const { fields } = ask.world.declarations.records.bedside
  const laid = { ...bed.now, ...data }
  for (const { name, shown_when: when } of fields) {
    if (when && name in data && !matches(when, laid)) delete data[name] // it was not shown
  }
  return data
}

// What becomes of it: what was chosen; else an opinion of each thing that was found wanting.
async function becoming(ask, whole, bed, id, data) {
  const all = { ...bed.now, ...data }
  const about = { subject: id, ward: whole.ward._id, words: all.words }
  const acts = []
  const becomes = (act, record, more) => acts.push([act, record, withoutNothing(more)])
  const made = MAKES[data.heard]
  if (made && !all[made.field]) {
    const record = newId(ask, made.act.split(".")[0])
    data[made.field] = record
    becomes(made.act, record, made.says(ask, whole, { ...all, about }, record))
  }
  for (const one of wanting(ask, all, data)) {
    const record = opinionId(id, one)
    if (one !== "doctor_visit") data.made_opinion ??= record
    if (await store.get(record)) continue
    const doctor = one === "doctor_visit" ? all.doctor : null
    const unit = unitOf(ask, doctor, bed, whole.ward)
    becomes("opinion.received", record, { ...about, about: one, bed: bed.place._id, doctor, unit })
  }
  return acts
}

function wanting(ask, all, data) {
  const found = new Set()
  if (all.heard === "mention") found.add(all.about ?? "other")
  if (!all.heard) {
    for (const one of all.comfort ?? []) if (ABOUT[one]) found.add(ABOUT[one])
    const low = ask.world.settings["round.low_from"]?.value
    if (low && all.satisfied <= low) found.add("service")
  }
  if (all.doctor_visited === "absent") found.add("doctor_visit")
  return "heard" in data || "comfort" in data || "satisfied" in data || "doctor_visited" in data
    ? found
    : []
}

const MAKES = {
  to_do: {
    field: "made_task",
    act: "task.raised",
    says: (ask, { ward }, { about }) => ({
      ...about,
      kind: "do",
      unit: unitOf(ask, null, null, ward),
    }),
  },
  thanks: {
    field: "made_praise",
    act: "praise.proposed",
    says: (_ask, _whole, { about: { ward, words }, people }) => ({
      people,
      how: "words",
      words,
      ward,
    }),
  },
  grievance: {
    field: "made_complaint",
    act: "complaint.taken",
    says: (ask, { ward }, { about }, record) => ({
      number: receipt(record, ask.now),
      place: isWithin(ask.world, ask.person, ward._id) ? ward._id : ask.place,
      about_place: ward._id,
      words: about.words,
      unsigned: ask.say(_("Said at the bed; to be signed there")),
    }),
  },
}

// The unit that is called as the department is: of the doctor, of the stay, of the ward.
function unitOf(ask, doctor, bed, ward) {
  const names = [ask.world.reference(doctor)?.department, bed?.stay?.department, ward.department]
  const units = ask.world.referenceOf("unit")
  return units.find(unit => names.includes(unit.title))?._id
}

const withoutNothing = data =>
  Object.fromEntries(Object.entries(data).filter(([, value]) => value != null && value !== ""))
