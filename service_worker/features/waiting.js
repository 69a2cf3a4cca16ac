// Screens of the waiting room: who waits, which deadlines are due, and the acts of a wait (rules W-01 …
// W-10).
import { perform } from "../screens/acts.js"
import { dataOf, newId, Problem } from "../screens/forms.js"
import { fragment, page, redirect } from "../screens/screens.js"
import * as store from "../store/store.js"
import { _ } from "../base/words.js"
import { doctorsFor, labelOf, mostOf, problemList, roomsFor, storyOf } from "../models/labels.js"
import { card, order, places } from "./waiting_model.js"

const LIMIT = 400 // waits shown

// Screens

/** GET /floor/waiting */
export async function list(ask) {
  return page(ask, "features/waiting/list.html", { waits: await waits(ask) }, { tab: "waiting" })
}

/** GET /floor/waiting/part: the waits alone. */
export async function part(ask) {
  return fragment(
    ask,
    "features/waiting/waits.html",
    { waits: await waits(ask) },
    { back: "/floor/waiting" },
  )
}

/** GET /floor/waiting/new */
export async function create(ask) {
  return page(
    ask,
    "features/waiting/new.html",
    { waits: await waits(ask), form: await form(ask) },
    { tab: "waiting" },
  )
}

/** GET /floor/waiting/:id */
export async function show(ask) {
  return shown(ask, await wanted(ask))
}

// Acts

/** POST /floor/waiting: somebody sits down; what their visit says already is taken over. */
export async function start(ask) {
  const data = dataOf(ask, "waiting.started")
  const visit = data.subject ? await store.get(data.subject) : null
  if (visit) {
    for (const name of ["name", "salutation", "priority", "needs_help", "doctor", "department"]) {
      if (!data[name] && visit[name]) data[name] = visit[name]
    }
  }
  if (!data.doctor && data.place) {
    const [only, another] = doctorsFor(ask, data.place)
    if (only && !another) data.doctor = only._id
  }
  const doctor = data.doctor && ask.world.reference(data.doctor)
  if (doctor) {
    data.department ||= doctor.department
    data.place ||= doctor.place
  }
  if (data.subject) {
    if (visit?.state !== "present") return refused(ask, _("This visit is over or not known here."))
    const running = await runningWait(visit._id)
    if (running) return redirect(ask, `/floor/waiting/${running._id.split(":")[1]}`)
  }
  const acts = [["waiting.started", newId(ask, "waiting"), data]]
  if (visit) {
    acts.push(["arrival.stage_reached", visit._id, { stage: "waiting", next_stage: "with_doctor" }])
  }
  const { kept, problems } = await perform(ask, acts, { draft: "waiting-new" })
  return kept ? redirect(ask, "/floor/waiting") : again(ask, problems)
}

const refused = (ask, words) => again(ask, { subject: ask.say(words) })

async function again(ask, problems) {
  const model = { waits: await waits(ask), form: await form(ask, problems) }
  return page(ask, "features/waiting/new.html", model, { tab: "waiting", status: 422 })
}

/** Return the wait of a visit that runs on this tablet, or undefined: nobody waits twice. */
async function runningWait(visit) {
  const { records } = await store.list("waiting.of_visit", { parts: [visit], reverse: true })
  return records.find(record => record.state === "waiting")
}

/** POST /floor/waiting/:id/…: the stamps, one act each. */
export const waterGiven = ask => stamp(ask, "waiting.water_given")
export const doctorAsked = ask => stamp(ask, "waiting.doctor_asked")
export const assistantTold = ask => stamp(ask, "waiting.assistant_told")
export const explained = ask => stamp(ask, "waiting.explained")

/**
 * POST /floor/waiting/:id/ended. W-10: they go in, leave, or go to emergency; their visit moves on with
 * it.
 */
export async function ended(ask) {
  const record = await wanted(ask)
  const data = dataOf(ask, "waiting.ended")
  const acts = [["waiting.ended", record._id, data]]
  const visit = record.subject ? await store.get(record.subject) : null
  if (visit && data.outcome === "seen" && visit.state === "present") {
    acts.push(["arrival.stage_reached", visit._id, { stage: "with_doctor" }])
  }
  return after(ask, record, await perform(ask, acts))
}

/** POST /floor/waiting/:id/doctor_changed. W-04: the deadlines go on running with the other doctor. */
export async function doctorChanged(ask) {
  const record = await wanted(ask)
  const data = dataOf(ask, "waiting.doctor_changed")
  const doctor = data.doctor && ask.world.reference(data.doctor)
  if (record.doctor) data.changed_from = record.doctor
  if (doctor?.place) data.place = doctor.place
  if (doctor?.department) data.department = doctor.department
  const done = await perform(ask, [["waiting.doctor_changed", record._id, data]], {
    draft: `change-${ask.params.id}`,
  })
  return after(ask, record, done)
}

// Private

async function wanted(ask) {
  const record = await store.get(`waiting:${ask.params.id}`)
  if (!record) throw new Problem(404)
  return record
}

async function stamp(ask, name) {
  const record = await wanted(ask)
  const done = await perform(ask, [[name, record._id, dataOf(ask, name, record)]], {
    draft: `asked-${ask.params.id}`,
  })
  return after(ask, record, done)
}

async function after(ask, record, { kept, problems }) {
  if (!kept) return shown(ask, record, problems)
  if (ask.partial) return changed(ask, record) // a card of the list; its own page goes on there
  const open = (await store.get(record._id))?.state === "waiting"
  return redirect(ask, open ? `/floor/waiting/${ask.params.id}` : "/floor/waiting")
}

// Swaps the one card that stays where it was, and the whole list only when it moves: a small fragment
// is what keeps a tap fast on a cheap tablet.
async function changed(ask, before) {
  const record = await store.get(before._id)
  const [was, is] = [card(before, ask.world), card(record, ask.world)]
  const stays = record.state === "waiting" && (was.state === "calm") === (is.state === "calm")
  if (!stays) return part(ask)
  const template = is.state === "calm" ? "row" : "card"
  const model = { one: spoken(ask, is) }
  const instead = `#${is.id}`
  return fragment(ask, `features/waiting/${template}.html`, model, {
    back: "/floor/waiting",
    instead,
  })
}

async function waits(ask) {
  const { records } = await store.list("waiting.waiting", { limit: LIMIT })
  const cards = order(records.map(record => spoken(ask, card(record, ask.world))))
  const at = ask.query.get("place") || ""
  const shown = at ? cards.filter(one => one.place === at) : cards
  const query = at ? "?place=" + encodeURIComponent(at) : ""
  return {
    all: cards.length,
    longest: cards.reduce((most, one) => Math.max(most, ask.now - one.started_at), 0),
    href: "/floor/waiting/part" + query,
    views: [
      { href: "/floor/waiting", label: ask.say(_("All")), count: cards.length, current: !at },
      ...places(cards)
        .filter(place => place.label)
        .slice(0, 6)
        .map(({ label, count }) => ({
          href: "/floor/waiting?place=" + encodeURIComponent(label),
          label,
          count,
          current: at === label,
        })),
    ],
    now: shown.filter(one => one.state !== "calm"),
    later: shown.filter(one => one.state === "calm"),
  }
}

// The words of a card that depend on the language.
function spoken(ask, one) {
  const rank = one.doctor_rank ? labelOf(ask, "doctor", "rank", one.doctor_rank) : ""
  const title = one.salutation ? labelOf(ask, "waiting", "salutation", one.salutation) : ""
  const needs = one.needs_help.map(value => labelOf(ask, "waiting", "needs_help", value))
  return {
    ...one,
    title,
    lines: [
      [one.place, ...needs].filter(Boolean).join("·"),
      [one.doctor, rank].filter(Boolean).join(" "),
    ].filter(Boolean),
    about: [one.place, one.name ? one.note : "", ...needs].filter(Boolean).join("·"),
    missing_words:
      one.step === "enquire" ? ask.say(_("%(n)s stamps to go"), { n: one.missing }) : "",
    say_due: ask.say(one.to === "water" ? _("Time to bring water") : _("Time to ask the doctor")),
    say_over: ask.say(_("Overdue, the supervisor is told")),
    told: one.told.map(line => ({
      ...line,
      post: line.post ? ask.say(ask.world.declarations.posts[line.post] || line.post) : "",
    })),
    stamps: one.stamps.map(each => ({
      ...each,
      href: `${one.href}/${each.verb}`,
      seen: one.seen,
      label: ask.say(STAMPS[each.verb]),
      note: each.at
        ? [ask.clock(each.at), each.by].filter(Boolean).join(" ")
        : ask.say(_("tap to stamp")),
    })),
  }
}

const STAMPS = {
  doctor_asked: _("Asked the doctor"),
  assistant_told: _("Told the assistant"),
  explained: _("Explained to them"),
}

async function form(ask, problems = {}) {
  const draft = (await ask.draft("waiting-new")) || {}
  const typed = ask.form ? Object.fromEntries(ask.form) : draft
  const visit = ask.query.get("visit")
  const subject = typed.subject || (visit ? `arrival:${visit}` : "")
  const { records } = await store.list("arrival.present", { limit: 60, reverse: true })
  const here = records.filter(record => record.stage !== "waiting" || record._id === subject)
  const chosen = here.find(record => record._id === subject)
  const place = typed.place || chosen?.next_place || ""
  const doctor = typed.doctor || chosen?.doctor || ""
  return {
    act_id: ask.world.actId(),
    values: { name: typed.name ?? chosen?.name ?? "" },
    visits: here.slice(0, 12).map(record => ({
      value: record._id,
      label: record.name || record.question || ask.say(_("Name not asked yet")),
      chosen: record._id === subject,
    })),
    places: roomsFor(ask)
      .sort(outsideRooms)
      .map(room => ({
        value: room._id,
        label: room.title,
        chosen: room._id === place,
      })),
    doctors: (place ? doctorsFor(ask, place) : []).map(one => ({
      value: one._id,
      label: one.title,
      chosen: one._id === doctor,
    })),
    errors: problems,
    problems: problemList(problems),
  }
}

// Who could see the patient instead: the department's others, or anybody where there are none.
function others(ask, record) {
  const free = doctors => doctors.filter(doctor => doctor._id !== record.doctor)
  const near = free(doctorsFor(ask, "", record.department))
  return near.length ? near : free(doctorsFor(ask))
}

// People sit outside consulting rooms; areas and windows come after.
const KINDS = ["room", "area", "desk"]
const outsideRooms = (a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind)

async function shown(ask, record, problems = {}) {
  const one = spoken(ask, card(record, ask.world))
  const open = record.state === "waiting"
  const typed = ask.form ? Object.fromEntries(ask.form) : {}
  const model = {
    one,
    page: {
      open,
      outcome: record.outcome || "",
      facts: [
        { term: ask.say(_("Sat down")), words: ask.clock(record.started_at) },
        {
          term: ask.say(_("Water given")),
          words: record.water_at ? ask.clock(record.water_at) : "",
        },
        { term: ask.say(_("The doctor says")), words: record.doctor_says || "" },
        { term: ask.say(_("Explanation given")), words: record.explanation || "" },
        { term: ask.say(_("Note")), words: record.note || "" },
      ],
      ask_id: ask.world.actId(),
      change_id: ask.world.actId(),
      end_ids: { left: ask.world.actId(), emergency: ask.world.actId(), seen: ask.world.actId() },
      doctors: others(ask, record).map(doctor => ({
        value: doctor._id,
        label: doctor.title,
        chosen: typed.doctor === doctor._id,
      })),
      values: {
        doctor_says: typed.doctor_says ?? record.doctor_says ?? "",
        reason: typed.reason || "",
      },
      most: mostOf(ask, "waiting"),
      errors: problems,
      problems: problemList(problems),
      story: storyOf(ask, record),
    },
  }
  const status = Object.keys(problems).length ? 422 : 200
  return page(ask, "features/waiting/show.html", model, { tab: "waiting", status })
}
