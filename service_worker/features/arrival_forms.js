// View models of the lobby's forms: empty, filled from a draft, or as they were sent, with the problems.
import {
  choicesOf,
  departmentsOf,
  doctorsFor,
  labelOf,
  mostOf,
  problemList,
} from "../models/labels.js"
import { _ } from "../base/words.js"
import { maskName, maskPhone, MINUTE } from "../rules/display_format.js"
import { FIRST, TO } from "./arrival_model.js"

const SHOWN_FOR = 5 * MINUTE // after somebody said that they look

/**
 * The greeting. G-01 … G-05: nothing has to be typed. `visit` is the key of somebody noticed before, or
 * "".
 */
export function greetForm(ask, visit, record, problems = {}) {
  return {
    act_id: ask.world.actId(),
    seen: record?.acts.last || "",
    visit,
    first: FIRST.map(([value, label], n) => ({
      value,
      label: ask.say(label),
      chosen: ask.form?.get("first") ? ask.form.get("first") === value : n === 0,
    })),
    needs: choicesOf(ask, "arrival", "needs_help", ask.form?.getAll("needs_help") ?? []),
    problems: problemList(problems),
    places: TO.map(one => ({ ...one, label: ask.say(one.label), note: ask.say(one.note) })),
  }
}

/** The full registration of a visit: of `record`, or of a new one when that is null. */
export async function fileForm(ask, record, problems = {}) {
  const draft = record ? `file-${ask.params.id}` : "register"
  const typed = ask.form ? Object.fromEntries(ask.form) : (await ask.draft(draft)) || {}
  const values = { ...(record || {}), ...typed }
  const many = name => (ask.form ? ask.form.getAll(name) : [values[name] || []].flat())
  const first =
    values.first || (record?.first_visit === false ? "again" : record?.first_visit ? "first" : "")
  const doctors = doctorsFor(ask).slice(0, 40)
  const text = name => values[name] ?? ""
  return {
    visit: record ? ask.params.id : "",
    action: record ? `/floor/lobby/${ask.params.id}/file` : "/floor/lobby/register",
    back: record ? `/floor/lobby/${ask.params.id}` : "/floor/lobby",
    draft,
    kept_at: Object.keys(typed).length ? ask.now : null,
    act_id: ask.world.actId(),
    seen: record?.acts.last || "",
    ...masked(ask, record, typed),
    reveal_id: ask.world.actId(),
    values: Object.fromEntries(
      ["name", "chief_complaint", "question", "phone", "address", "booklet_no"].map(name => [
        name,
        text(name),
      ]),
    ),
    choices: {
      first: FIRST.slice(0, 2).map(([value, label]) => ({
        value,
        label: ask.say(label),
        chosen: value === first,
      })),
      appointment: [
        {
          value: "yes",
          label: ask.say(_("Yes")),
          chosen: values.appointment === true || values.appointment === "yes",
        },
        {
          value: "no",
          label: ask.say(_("No")),
          chosen: values.appointment === false || values.appointment === "no",
        },
      ],
      needs_help: choicesOf(ask, "arrival", "needs_help", many("needs_help")),
      doctor: doctors.map(one => ({
        value: one._id,
        label: one.title,
        chosen: one._id === values.doctor,
      })),
      ...Object.fromEntries(
        ["salutation", "sex", "priority", "intent", "source"].map(name => [
          name,
          choicesOf(ask, "arrival", name, values[name]),
        ]),
      ),
    },
    most: mostOf(ask, "arrival"),
    errors: problems,
    problems: problemList(problems),
  }
}

/** The introduction of a doctor, with the doctors of one department to choose from. */
export async function introduceForm(ask, record, problems = {}) {
  const draft = `introduce-${ask.params.id}`
  const typed = ask.form ? Object.fromEntries(ask.form) : (await ask.draft(draft)) || {}
  const here = `/floor/lobby/${ask.params.id}/introduce`
  const department = ask.query.get("department") || record.department || ""
  const departments = departmentsOf(ask, doctorsFor(ask))
  const chosen = typed.doctor || record.doctor || ""
  return {
    action: here,
    back: `/floor/lobby/${ask.params.id}`,
    draft,
    act_id: ask.world.actId(),
    seen: record.acts.last,
    departments: [
      { href: `${here}?department=`, label: ask.say(_("All")), current: !department },
      ...departments.map(name => ({
        href: `${here}?department=${encodeURIComponent(name)}`,
        label: name,
        current: name === department,
      })),
    ],
    doctors: doctorsFor(ask, "", department).map(one => ({
      value: one._id,
      name: one.title,
      rank: one.rank ? labelOf(ask, "doctor", "rank", one.rank) : "",
      department: one.department || "",
      specialty: one.specialty || "",
      place: one.place ? ask.world.reference(one.place)?.title || "" : "",
      hours: one.hours || "",
      nurse: one.nurse || "",
      chosen: one._id === chosen,
    })),
    values: {
      receiver: typed.receiver ?? record.receiver ?? "",
      precautions: typed.precautions ?? record.precautions ?? "",
    },
    most: mostOf(ask, "arrival"),
    errors: problems,
    problems: problemList(problems),
  }
}

/**
 * The way out. G-18 … G-20, ST-07: guidance, hours and phones, six opinions, or they did not want to be
 * asked.
 */
export async function sendOffForm(ask, record, problems = {}) {
  const draft = `send-off-${ask.params.id}`
  const typed = ask.form ? Object.fromEntries(ask.form) : (await ask.draft(draft)) || {}
  const done = ask.form ? ask.form.getAll("done") : [typed.done || []].flat()
  const opinions = ask.form ? ask.form.getAll("opinions") : [typed.opinions || []].flat()
  return {
    action: `/floor/lobby/${ask.params.id}/send_off`,
    back: `/floor/lobby/${ask.params.id}`,
    draft,
    kept_at: Object.keys(typed).length ? ask.now : null,
    act_id: ask.world.actId(),
    seen: record.acts.last,
    ticks: [
      {
        value: "guidance",
        label: ask.say(_("Health guidance given")),
        note: ask.say(_("and their questions answered")),
      },
      {
        value: "hours_told",
        label: ask.say(_("Hours and phone numbers told")),
        note: ask.say(_("opening hours, advice line, emergency line")),
      },
      { value: "declined", label: ask.say(_("Did not want to be asked")), note: "" },
    ].map(tick => ({ ...tick, ticked: done.includes(tick.value) })),
    choices: { opinions: choicesOf(ask, "arrival", "opinions", opinions) },
    values: { opinion_words: typed.opinion_words || "" },
    most: mostOf(ask, "arrival"),
    errors: problems,
    problems: problemList(problems),
  }
}

// What the form does not show before somebody says that they look (PR-01): phone and address that are
// on file, as {name: masked}. Who looked a moment ago sees them; what was typed here is their own.
function masked(ask, record, typed) {
  const looked = record?.acts.recent.some(
    one =>
      one.act === "arrival.revealed" && one.by === ask.person._id && ask.now - one.at < SHOWN_FOR,
  )
  const hidden = {}
  for (const [name, mask] of [
    ["phone", maskPhone],
    ["address", maskName],
  ]) {
    const own = typed[name] !== undefined && typed[name] !== record?.[name]
    if (record?.[name] && !looked && !own) hidden[name] = mask(record[name])
  }
  return { masked: hidden, masked_words: Object.values(hidden).join(" ") }
}
