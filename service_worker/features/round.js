// Screens of ward rounds: the wards, a ward bed by bed in walking order, the sheet of a bed (RD-01 … RD-06).

import { perform, performTap } from "../screens/acts.js"
import { dataOf, Problem } from "../screens/forms.js"
import { fragment, page, redirect } from "../screens/screens.js"
import { problemList } from "../models/labels.js"
import { controlsOf, readerOf, textsOf } from "../models/controls.js"
import { maskedNameOf } from "../models/rows.js"
import { deadlinesToDo, dueWords } from "../models/todo_model.js"
import * as store from "../store/store.js"
import { _, fieldProblem } from "../base/words.js"
import { bedsideId, gestureOf } from "./round_gesture.js"
import {
  agoWords,
  becameOf,
  bedHref,
  countsOf,
  heardOn,
  isOver,
  leftOf,
  preferencesOf,
  tileOf,
  wardOfRound,
  wardsOf,
} from "./round_model.js"

const FIRST = [
  "comfort",
  "doctor_visited",
  "doctor",
  "satisfied",
  "words",
  "heard",
  "about",
  "people",
]
const MORE = ["who", "mood", "preferences", "consent", "photos", "recordings"]

// Screens

/** GET /floor/round: the wards, those whose week runs out first. */
export async function list(ask) {
  const wholes = await Promise.all(wardsOf(ask).map(ward => wardOfRound(ask, ward)))
  const rows = wholes.filter(({ beds }) => beds.length).map(whole => wardRow(ask, whole))
  rows.sort((one, other) => one.due_at - other.due_at)
  return page(ask, "features/round/list.html", { rows }, { tab: "round" })
}

/** GET /floor/round/:id: a ward by its id, or by that of one of its rounds, with the next bed beside. */
export async function show(ask) {
  const whole = await wanted(ask)
  return shown(ask, whole, whole.next[0] ?? null, { chosen: false })
}

/** GET /floor/round/:id/part: the beds alone. */
export async function part(ask) {
  const whole = await wanted(ask)
  const model = { ward: await wardModel(ask, whole, ask.query.get("bed")) }
  return fragment(ask, "features/round/beds.html", model, { back: hrefOf(whole) })
}

/** GET /floor/round/:id/bed/:bed */
export async function bed(ask) {
  const whole = await wanted(ask)
  return shown(ask, whole, bedIn(ask, whole))
}

/** GET /floor/round/:id/finished: what is left is said before the round is finished. */
export async function finish(ask) {
  return finishing(ask, await wanted(ask))
}

// Acts

/** POST /floor/round/:id/bed/:bed/:word, word being asked, well or passed_by; then on to the next bed. */
export async function said(ask) {
  const whole = await wanted(ask)
  const one = bedIn(ask, whole)
  const verb = ask.params.word
  if (!["asked", "well", "passed_by"].includes(verb)) throw new Problem(404)
  const gesture = await gestureOf(ask, whole, one, verb)
  const problems = verb === "asked" ? missing(ask, gesture) : {}
  if (!Object.keys(problems).length) {
    const done = await perform(ask, gesture, { draft: draftOf(whole, one) })
    if (done.kept) return onwards(ask, whole, one)
    Object.assign(problems, done.problems)
  }
  return shown(ask, whole, one, { problems })
}

/** POST /floor/round/:id/bed/:bed/told: the patient hears what was done about an opinion. */
export async function told(ask) {
  const whole = await wanted(ask)
  const opinion = await store.get(ask.form.get("opinion") ?? "")
  if (opinion?.type !== "opinion") throw new Problem(404)
  await performTap(ask, [["opinion.told", opinion._id, {}]])
  return redirect(ask, bedHref(whole, bedIn(ask, whole).place))
}

/** POST /floor/round/:id/finished */
export async function finished(ask) {
  const whole = await wanted(ask)
  const typed = dataOf(ask, "round.finished")
  const data = { ...leftOf(ask, whole), reason: typed.reason, words: typed.words }
  for (const name of ["reason", "words"]) if (data[name] === undefined) delete data[name]
  const problems = data.left && !data.reason ? { reason: ask.say(fieldProblem("required")) } : {}
  if (!Object.keys(problems).length) {
    const done = await perform(ask, [["round.finished", whole.round.id, data]], {
      draft: `finish-${key(whole.round.id)}`,
    })
    if (done.kept) return redirect(ask, "/floor/round")
    Object.assign(problems, done.problems)
  }
  return finishing(ask, whole, problems)
}

// What other screens of rounds need

/** Return the ward of the address as a round finds it; 404 for one that is not here. */
export async function wanted(ask) {
  const round = await store.get(`round:${ask.params.id}`)
  const ward = ask.world.reference(round?.ward ?? `place:${ask.params.id}`)
  if (ward?.kind !== "ward") throw new Problem(404)
  return wardOfRound(ask, ward)
}

/** Return the bed of the address. */
export function bedIn(ask, { beds }) {
  const found = beds.find(one => one.place._id === `place:${ask.params.bed}`)
  if (!found) throw new Problem(404)
  return found
}

/** The key of the draft of a bed: what was tapped is there again after a lock or a crash. */
export const draftOf = (whole, { place }) => `bedside-${key(bedsideId(whole, { place }))}`

// Private

const key = id => id.split(":")[1]
const isWalked = record => Boolean(record?.begun_at) && !isOver(record)
const hrefOf = ({ ward }) => `/floor/round/${key(ward._id)}`

function missing(ask, [[, , data]]) {
  const needed = [
    ...(data.heard && !data.words ? ["words"] : []),
    ...(data.heard === "thanks" && !data.people ? ["people"] : []),
    ...(data.preferences && !data.consent ? ["consent"] : []),
  ]
  return Object.fromEntries(needed.map(name => [name, ask.say(fieldProblem("required"))]))
}

// On to the next bed that nobody asked yet, from this one on.
async function onwards(ask, { ward }, { place }) {
  const whole = await wardOfRound(ask, ward)
  const next = whole.next.find(one => one.place._id !== place._id)
  return redirect(ask, next ? bedHref(whole, next.place) : hrefOf(whole))
}

function wardRow(ask, whole) {
  const { ward, round, beds } = whole
  const { beds: all, asked } = countsOf(whole)
  const late = beds.filter(({ state }) => state === "over").length
  const [due] = round.record ? deadlinesToDo([round.record], ask.world, ask.person) : []
  const by = whole.asked.map(({ now }) => now.asked_by).find(Boolean) ?? round.record?.begun_by
  return {
    href: hrefOf(whole),
    name: ward.title,
    about: [
      ask.say(_("%(asked)s of %(all)s beds asked"), { asked, all }),
      late ? ask.say(_("%(n)s overdue"), { n: late }) : "",
      round.record?.begun_at ? (ask.world.reference(by)?.title ?? "") : "",
    ]
      .filter(Boolean)
      .join("·"),
    ...(due ? dueWords(ask, due.due_at, due.state) : { side: "", side_state: "" }),
    due_at: due?.due_at ?? Number.MAX_SAFE_INTEGER,
  }
}

async function wardModel(ask, whole, current) {
  const { ward, round, beds, next } = whole
  const { beds: all, asked } = countsOf(whole)
  const around = one => {
    const near = ask.world.reference(one.place.inside)
    return near?._id === ward._id ? "" : (near?.title ?? "")
  }
  return {
    href: hrefOf(whole),
    again: `${hrefOf(whole)}/part${current ? `?bed=${encodeURIComponent(current)}` : ""}`,
    label: ward.title,
    ...{ all, asked, left: all - asked },
    over: beds.filter(({ state }) => state === "over").length,
    due: beds.filter(({ state }) => state === "due").length,
    rooms: [...Map.groupBy(beds, around)].map(([label, few]) => ({
      label,
      tiles: few.map(one => tileOf(ask, whole, one, current)),
    })),
    walk: next.slice(0, 6).map(({ place }) => place.title),
    heard: await heardOn(ask, whole),
    finish_href: isWalked(round.record) ? `${hrefOf(whole)}/finished` : "",
    over_at: isOver(round.record) ? round.record.finished_at : 0,
  }
}

async function shown(ask, whole, one, { chosen = true, problems = {} } = {}) {
  const model = {
    ward: await wardModel(ask, whole, one?.place._id),
    one: one && (await sheetOf(ask, whole, one, problems)),
    chosen,
  }
  const status = Object.keys(problems).length ? 422 : 200
  return page(ask, "features/round/show.html", model, { tab: "round", status })
}

async function sheetOf(ask, whole, one, problems) {
  const { place, stay, now, last } = one
  const kind = ask.world.declarations.records.bedside
  const act = ask.world.declarations.acts["bedside.asked"]
  const draft = ask.form ? null : await ask.draft(draftOf(whole, one))
  const sent =
    ask.form && Object.fromEntries([...ask.form.keys()].map(name => [name, ask.form.getAll(name)]))
  const read = readerOf(sent ?? draft ?? known(kind, one))
  const given = { kind, record: null, read, problems }
  const controls = names => controlsOf(ask, { ...given, act: { ...act, asks: names } })
  const before = one.before.find(each => each.asked_at)
  return {
    href: bedHref(whole, place),
    draft: draftOf(whole, one),
    title: [place.title, stay && maskedNameOf(ask, "stay", stay)].filter(Boolean).join(" "),
    line: [
      before ? ask.say(_("last asked %(ago)s"), { ago: agoWords(ask, before.asked_at) }) : "",
      before?.words ?? "",
      stay ? ask.say(_("here since %(ago)s"), { ago: agoWords(ask, stay.admitted_at) }) : "",
    ]
      .filter(Boolean)
      .join("·"),
    act_id: ask.form?.get("act_id") || ask.world.actId(),
    well_id: ask.world.actId(),
    pass_id: ask.world.actId(),
    seen: now?.acts.last ?? null,
    mark: now ? ask.world.mark(now._id) : "",
    unsettled: now?.unsettled.length ?? 0,
    became: (await becameOf(ask, one)).map(line => ({ ...line, tell_id: ask.world.actId() })),
    preferences: preferencesOf({ ...one, last }),
    controls: await controls(FIRST),
    more: await controls(MORE),
    more_open: MORE.some(name => read.all(name).length || problems[name]),
    reasons: kind.fields
      .find(field => field.name === "not_asked")
      .choices.map(([value, label]) => ({ value, label: ask.say(label) })),
    next: whole.next.find(each => each.place._id !== place._id)?.place.title ?? "",
    kept_at: draft ? ask.now : 0,
    problems: problemList(problems),
  }
}

// What this round knows of the bed; else whose doctor is asked after.
function known(kind, { now, stay }) {
  if (now) return textsOf(kind, now)
  return stay?.doctor ? { doctor: [stay.doctor] } : {}
}

async function finishing(ask, whole, problems = {}) {
  if (!isWalked(whole.round.record)) return redirect(ask, hrefOf(whole))
  const draft = `finish-${key(whole.round.id)}`
  const typed = ask.form ? Object.fromEntries(ask.form) : ((await ask.draft(draft)) ?? {})
  const one = whole.next[0] ?? null
  const model = {
    ward: await wardModel(ask, whole, null),
    one: one && (await sheetOf({ ...ask, form: null }, whole, one, {})),
    chosen: false,
    form: {
      ...leftOf(ask, whole),
      act_id: ask.form?.get("act_id") || ask.world.actId(),
      seen: whole.round.record.acts.last,
      draft,
      values: { reason: typed.reason ?? "", words: typed.words ?? "" },
      errors: problems,
      problems: problemList(problems),
    },
  }
  const status = Object.keys(problems).length ? 422 : 200
  return page(ask, "features/round/finish.html", model, { tab: "round", status })
}
