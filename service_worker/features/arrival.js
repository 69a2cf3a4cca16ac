// Screens of visits (acts `arrival.*`): greet in three taps or register in full, lead from stop to
// stop, see off (rules G and J of docs/rules.md).
import { perform, performTap } from "../screens/acts.js"
import { dataOf, newId, Problem } from "../screens/forms.js"
import { fragment, page, redirect } from "../screens/screens.js"
import * as store from "../store/store.js"
import { labelOf, storyOf } from "../models/labels.js"
import { isWithin } from "../models/reach.js"
import { _ } from "../base/words.js"
import { dayStarts, localDay } from "../rules/worktime.js"
import { fileForm, greetForm, introduceForm, sendOffForm } from "./arrival_forms.js"
import { firstOf, line, needsFile, nextLabel, stagesAhead, stops, TO } from "./arrival_model.js"

const LIMIT = 40 // rows before “more”

// Screens

/** GET /floor/lobby */
export async function list(ask) {
  return page(ask, "features/arrival/list.html", { lobby: await lobby(ask) }, { tab: "lobby" })
}

/** GET /floor/lobby/part: the rows alone. */
export async function part(ask) {
  return fragment(
    ask,
    "features/arrival/rows.html",
    { lobby: await lobby(ask) },
    { back: "/floor/lobby" },
  )
}

/** GET /floor/lobby/:id */
export async function show(ask) {
  const record = await wanted(ask)
  return shown(ask, record)
}

async function shown(ask, record, revealed = false) {
  const model = { lobby: await lobby(ask, record._id), visit: visit(ask, record, revealed) }
  return page(ask, "features/arrival/show.html", model, { tab: "lobby" })
}

/** GET /floor/lobby/greet. G-01 … G-05: three taps and an anonymous visit is kept; the name can follow. */
export const greet = ask => meeting(ask, ask.query.get("visit"))

async function meeting(ask, key, problems = {}) {
  const record = key ? await store.get(`arrival:${key}`) : null
  const all = { lobby: await lobby(ask), greet: greetForm(ask, key || "", record, problems) }
  const status = all.greet.problems.length ? 422 : 200
  return page(ask, "features/arrival/greet.html", all, { tab: "lobby", status })
}

// The sheet stays, and says what is missing: without a place nothing can be kept, and who can add one.
function greeting422(ask, problems) {
  const isNowhere = !myPlace(ask)
  const said = isNowhere ? { ...problems, place: ask.say(NOWHERE) } : problems
  return meeting(ask, ask.form.get("visit"), said)
}

const NOWHERE = _(
  "No place is entered yet where people are received, so nothing was kept. An administrator adds it in the office, under Places, then under People which ones are yours.",
)

/** GET /floor/lobby/register */
export const register = ask => filing(ask, null)
/** GET /floor/lobby/:id/file */
export const file = async ask => filing(ask, await wanted(ask))

/** GET /floor/lobby/:id/introduce */
export async function introduce(ask) {
  return introducing(ask, await wanted(ask))
}

/** GET /floor/lobby/:id/send_off */
export async function sendOff(ask) {
  return sending(ask, await wanted(ask))
}

// Acts

/** POST /floor/lobby/greet */
export async function greeted(ask) {
  const to = TO.find(one => one.value === ask.form.get("to"))
  if (!to) throw new Problem(400)
  const needs = ask.form.getAll("needs_help").filter(Boolean)
  const data = {
    place: myPlace(ask),
    ...firstOf(ask.form.get("first")),
    ...to.data,
    ...(needs.length ? { needs_help: needs } : {}),
  }
  const acts = greeting(ask, data)
  const { kept: good, problems } = await perform(ask, acts)
  return good ? redirect(ask, to.then || "/floor/lobby") : greeting422(ask, problems)
}

function greeting(ask, data) {
  const noticedBefore = ask.form.get("visit")
  if (!noticedBefore) return [["arrival.registered", newId(ask, "arrival"), data]]
  // G-12: somebody noticed before is greeted now; it stays one visit.
  const { place, next_stage, ...filed } = data
  const record = `arrival:${noticedBefore}`
  const acts = [["arrival.filed", record, filed]]
  if (next_stage) {
    acts.push(["arrival.stage_reached", record, { stage: "arrived", next_stage, place }])
  }
  return acts
}

/** POST /floor/lobby/noticed: somebody is asked to wait a moment (G-12). */
export async function noticed(ask) {
  const data = { place: myPlace(ask), noticed: true }
  const acts = [["arrival.registered", newId(ask, "arrival"), data]]
  const { kept: good, problems } = await perform(ask, acts)
  if (!good) return greeting422(ask, problems)
  return redirect(ask, "/floor/lobby")
}

/** POST /floor/lobby/register */
export async function registered(ask) {
  const data = {
    ...dataOf(ask, "arrival.registered"),
    ...firstOf(ask.form.get("first")),
    place: myPlace(ask),
  }
  const record = newId(ask, "arrival")
  return kept(
    ask,
    ["arrival.registered", record, data],
    "register",
    null,
    `/floor/lobby/${record.split(":")[1]}`,
  )
}

/** POST /floor/lobby/:id/file */
export async function filed(ask) {
  const record = await wanted(ask)
  // Only what was changed: a field repeated from an old page would contest what a colleague corrected
  // since. What was emptied is said.
  const data = dataOf(ask, "arrival.filed", record)
  for (const [name, value] of Object.entries(firstOf(ask.form.get("first")))) {
    if (value !== record[name]) data[name] = value
  }
  return kept(
    ask,
    ["arrival.filed", record._id, data],
    `file-${ask.params.id}`,
    record,
    `/floor/lobby/${ask.params.id}`,
  )
}

/** POST /floor/lobby/:id/stage. G-11, J-05: each stop that is reached names the next one. */
export async function stage(ask) {
  const record = await wanted(ask)
  const data = dataOf(ask, "arrival.stage_reached")
  const stages = ask.world.declarations.stages
  data.next_stage ||= stages[stages.indexOf(data.stage) + 1] || null
  if (!data.next_stage) delete data.next_stage
  const over = data.stage === "with_doctor" ? await endOfWait(record._id, "seen") : []
  await performTap(ask, [["arrival.stage_reached", record._id, data], ...over])
  return redirect(ask, `/floor/lobby/${ask.params.id}`)
}

/**
 * POST /floor/lobby/:id/reveal: phone and address are shown unmasked, and who looked is an act; `then`
 * may be "file", the form.
 */
export async function reveal(ask) {
  const record = await wanted(ask)
  await performTap(ask, [["arrival.revealed", record._id, dataOf(ask, "arrival.revealed")]])
  if (ask.form.get("then") === "file") return redirect(ask, `/floor/lobby/${ask.params.id}/file`)
  return shown(ask, (await store.get(record._id)) ?? record, true)
}

/**
 * POST /floor/lobby/:id/introduce. G-07, H-02: the doctor is introduced, the person handed over in
 * person.
 */
export async function introduced(ask) {
  const record = await wanted(ask)
  const data = dataOf(ask, "arrival.introduced", record)
  const doctor = data.doctor && ask.world.reference(data.doctor)
  if (doctor?.department) data.department = doctor.department
  const acts = [["arrival.introduced", record._id, data]]
  if (doctor?.place) {
    acts.push([
      "arrival.stage_reached",
      record._id,
      { stage: record.stage, next_stage: "waiting", next_place: doctor.place },
    ])
  }
  const { kept: done, problems } = await perform(ask, acts, { draft: `introduce-${ask.params.id}` })
  return done ? redirect(ask, `/floor/lobby/${ask.params.id}`) : introducing(ask, record, problems)
}

/** POST /floor/lobby/:id/send_off */
export async function sentOff(ask) {
  const record = await wanted(ask)
  const done = ask.form.getAll("done")
  const data = { ...dataOf(ask, "arrival.sent_off") }
  for (const name of ["guidance", "hours_told", "declined"]) {
    if (done.includes(name)) data[name] = true
  }
  const seen = !["arrived", "registered", "triaged", "waiting"].includes(record.stage)
  const over = await endOfWait(record._id, seen ? "seen" : "left")
  const { kept: good, problems } = await perform(
    ask,
    [["arrival.sent_off", record._id, data], ...over],
    { draft: `send-off-${ask.params.id}` },
  )
  return good ? redirect(ask, "/floor/lobby") : sending(ask, record, problems)
}

// Private

async function wanted(ask) {
  const record = await store.get(`arrival:${ask.params.id}`)
  if (!record) throw new Problem(404)
  return record
}

// The acts that end the wait of a visit which goes in or leaves: one story, known both ways.
async function endOfWait(visit, outcome) {
  const { records } = await store.list("waiting.of_visit", { parts: [visit], reverse: true })
  const wait = records.find(record => record.state === "waiting")
  return wait ? [["waiting.ended", wait._id, { outcome }]] : []
}

async function kept(ask, act, draft, record, to) {
  const { kept: good, problems } = await perform(ask, [act], { draft })
  return good ? redirect(ask, to) : filing(ask, record, problems)
}

// Where somebody is greeted: the place chosen under “I look after”, if it is one of theirs.
function myPlace(ask) {
  const chosen = ask.world.reference(ask.chosenPlace)
  if (chosen && isWithin(ask.world, ask.person, chosen._id)) return chosen._id
  const mine = (ask.person?.places || []).map(id => ask.world.reference(id)).filter(Boolean)
  const lobby = mine.find(place => place.kind === "lobby") || mine[0]
  return lobby?._id || ask.world.referenceOf("place").find(place => place.kind === "lobby")?._id
}

async function lobby(ask, current = "", chosen = Boolean(current)) {
  const view = ask.query.get("view") || "mine"
  const { records } = await store.list("arrival.present", { limit: 500, reverse: true })
  const needing = records.filter(needsHelp)
  const mine = records.filter(record => record.owner === ask.person?._id)
  const shown = { mine, all: records, help: needing }[view] || mine
  const many = Number(ask.query.get("many")) || LIMIT
  const query = `?view=${view}`
  const { calendar } = ask.world
  const today = dayStarts(localDay(ask.now, calendar), calendar)
  return {
    chosen, // where there is room for one pane only, it is shown instead of the list
    today: await store.count("arrival.visits", { from: today }),
    href: `/floor/lobby/part${query}&many=${many}`,
    noticed_id: ask.world.actId(),
    views: [
      {
        href: "/floor/lobby?view=mine",
        label: ask.say(_("With me")),
        count: mine.length,
        current: view === "mine",
      },
      {
        href: "/floor/lobby?view=all",
        label: ask.say(_("All")),
        count: records.length,
        current: view === "all",
      },
      {
        href: "/floor/lobby?view=help",
        label: ask.say(_("Needs help")),
        count: needing.length,
        current: view === "help",
      },
    ],
    rows: shown
      .slice(0, many)
      .map(record => ({ ...line(record, ask), current: record._id === current })),
    more_href: shown.length > many ? `/floor/lobby${query}&many=${many + LIMIT}` : "",
  }
}

function needsHelp(record) {
  return (
    record.noticed ||
    (record.needs_help || []).length > 0 ||
    ["critical", "emergency"].includes(record.priority)
  )
}

function visit(ask, record, revealed) {
  const doctor = record.doctor ? ask.world.reference(record.doctor) : null
  const rank = doctor?.rank ? labelOf(ask, "doctor", "rank", doctor.rank) : ""
  return {
    ...line(record, ask),
    key: record._id.split(":")[1],
    opened_at: record.opened_at,
    phone: record.phone || "",
    revealed,
    reveal_id: ask.world.actId(),
    flags: [
      ...(record.needs_help || []).map(value => ({
        sign: { wheelchair: "wheelchair", child: "baby" }[value] || "accessibility",
        label: labelOf(ask, "arrival", "needs_help", value),
      })),
      ...(record.priority && record.priority !== "normal"
        ? [{ sign: "siren", label: labelOf(ask, "arrival", "priority", record.priority) }]
        : []),
    ],
    next_label: nextLabel(record, ask),
    next_notes: doctor
      ? [[doctor.title, rank].filter(Boolean).join(" "), doctor.specialty || ""].filter(Boolean)
      : [],
    stops: stops(record, ask),
    ahead: stagesAhead(record, ask),
    stage_id: ask.world.actId(),
    seen: record.acts.last,
    present: record.state === "present",
    needs_file: needsFile(record),
    facts: [
      { term: ask.say(_("What is wrong")), words: record.chief_complaint || "" },
      { term: ask.say(_("Question or purpose")), words: record.question || "" },
      { term: ask.say(_("Department")), words: record.department || "" },
      { term: ask.say(_("Handed over to")), words: record.receiver || "" },
      { term: ask.say(_("Special precautions")), words: record.precautions || "" },
      {
        term: ask.say(_("How they heard of us")),
        words: record.source ? labelOf(ask, "arrival", "source", record.source) : "",
      },
    ],
    story: storyOf(ask, record),
  }
}

async function filing(ask, record, problems) {
  return sheet(
    ask,
    "features/arrival/complete_file.html",
    record,
    await fileForm(ask, record, problems),
  )
}

async function introducing(ask, record, problems) {
  const form = await introduceForm(ask, record, problems)
  return sheet(ask, "features/arrival/introduce.html", record, form)
}

async function sending(ask, record, problems) {
  const form = await sendOffForm(ask, record, problems)
  return sheet(ask, "features/arrival/send_off.html", record, form)
}

async function sheet(ask, template, record, form) {
  const all = { lobby: await lobby(ask, record?._id, true), form }
  return page(ask, template, all, { tab: "lobby", status: form.problems.length ? 422 : 200 })
}
