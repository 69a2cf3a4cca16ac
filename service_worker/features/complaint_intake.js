// Taking a complaint: heard, read back, signed, receipt (C-01, C-04, C-15).
import { perform } from "../screens/acts.js"
import { clock, MINUTE, receipt as receiptNumber, textHash } from "../rules/format.js"
import { dataOf, newId, Problem } from "../screens/forms.js"
import { fragment, page, redirect } from "../screens/screens.js"
import * as store from "../store/store.js"
import { choicesOf, labelOf, problemList, roomsFor } from "../models/labels.js"
import { _, fieldProblem } from "../base/words.js"
import { flatStrokes, promises, readBack, slip, textOf } from "./complaint_model.js"

const READ_FOR = 15 * MINUTE // what was read back longer ago promises a first answer too early
const NEAR = 4 // places offered as chips; the others are in a list
const ELSEWHERE = "elsewhere"
const FIELDS = ["name", "salutation", "phone", "about_place", "words", "severity", "amount"]

// Screens

export async function create(ask) {
  const visit = await visitOf(ask, ask.query.get("visit"))
  const typed = await ask.draft(draftOf(visit))
  const given = typed ? reader(name => [typed[name] ?? []].flat()) : prefilled(visit)
  return taking(ask, visit, given, { kept: Boolean(typed) })
}

/** What is read back follows what is heard: POST the form as it is, get the right half again. */
export async function said(ask) {
  const visit = await visitOf(ask, ask.form.get("visit"))
  const given = reader(name => ask.form.getAll(name))
  const said = await saidOf(ask, visit, given)
  const model = { said, steps: steps(ask, stepOf(said)) }
  return fragment(ask, "features/complaint/said_part.html", model, { back: "/floor/complaint/new" })
}

export async function receipt(ask) {
  const record = await store.get(`complaint:${ask.params.id}`)
  if (!record?.taken_at) throw new Problem(404)
  const severity = labelOf(ask, "complaint", "severity", record.severity)
  const paper = slip(record, ask.world, ask.say, severity)
  const model = {
    steps: steps(ask, 4),
    slip: paper,
    href: `/floor/complaint/${ask.params.id}`,
    valid: record.state !== "undone",
    mark: ask.world.mark(record._id),
  }
  return page(ask, "features/complaint/receipt.html", model, { tab: "lobby" })
}

// Acts

export async function taken(ask) {
  const visit = await visitOf(ask, ask.form.get("visit"))
  const given = reader(name => ask.form.getAll(name))
  const heard = await saidOf(ask, visit, given)
  const record = newId(ask, "complaint")
  const data = withoutNothing({
    ...dataOf(ask, "complaint.taken"),
    ...signed(given, heard),
    number: receiptNumber(record, ask.now),
    subject: visit?._id,
    place: visit?.place || ask.place,
    about_place: placeOf(given),
    readback: heard.text,
  })
  const problems = { ...missing(ask, data), ...unsignedProblem(ask, given, heard, data) }
  if (Object.keys(problems).length === 0) {
    const done = await perform(ask, [["complaint.taken", record, data]], {
      draft: draftOf(visit),
      text: heard.text,
    })
    if (done.kept) return redirect(ask, `/floor/complaint/${record.split(":")[1]}/receipt`)
    Object.assign(problems, done.problems)
  }
  return taking(ask, visit, given, { kept: true, problems })
}

// Signing: the strokes are kept together with the hash of exactly the text that was read.
function signed(given, heard) {
  if (given.one("signature_cannot")) {
    return { signature: null, unsigned: given.one("unsigned") || null }
  }
  const strokes = heard.voided ? [] : flatStrokes(given.one("signature"))
  return {
    signature: strokes.length ? { strokes, of: heard.text_hash } : null,
    unsigned: null,
  }
}

function unsignedProblem(ask, given, heard, data) {
  if (given.one("signature_cannot")) {
    return data.unsigned ? {} : { unsigned: ask.say(_("Say why there is no signature.")) }
  }
  if (data.signature) return {}
  if (heard.voided) return { signature: ask.say(VOIDED) }
  return { signature: ask.say(_("Please have it signed, or say why there is no signature.")) }
}

const VOIDED = _(
  "The words changed after they were signed. Read them back and have them signed again.",
)

const withoutNothing = data =>
  Object.fromEntries(Object.entries(data).filter(([, value]) => value != null && value !== ""))

function missing(ask, data) {
  const needed = ask.world.declarations.acts["complaint.taken"].needs
  const empty = needed.filter(name => !data[name])
  return Object.fromEntries(empty.map(name => [name, ask.say(fieldProblem("required"))]))
}

// What the form says

const draftOf = visit => (visit ? `complaint-${visit._id.split(":")[1]}` : "complaint-new")

async function visitOf(ask, key) {
  return key ? store.get(`arrival:${key}`) : null
}

function reader(all) {
  return { one: name => (all(name)[0] ?? "").trim(), all: name => all(name).filter(Boolean) }
}

// What the visit knows already.
const prefilled = visit =>
  reader(name => (visit && KNOWN.includes(name) ? [visit[name] ?? ""] : []))
const KNOWN = ["name", "salutation", "phone"]

function placeOf(given) {
  const chosen = given.one("about_place")
  return chosen === ELSEWHERE ? given.one("elsewhere") : chosen
}

// The right half: what is read back, the signature, the slip that would be handed over.
async function saidOf(ask, visit, given) {
  const readAt = readMoment(ask, given)
  const severity = given.one("severity") || "general"
  const promised = promises({ taken_at: readAt, severity }, ask.world, ask.say)
  const amount = Number(given.one("amount"))
  const said = readBack(
    {
      name: given.one("name"),
      title: labelOf(ask, "complaint", "salutation", given.one("salutation")),
      place: ask.world.reference(placeOf(given))?.title || "",
      waited: given.all("reasons").includes("waiting") ? await waitOf(ask, visit) : null,
      reasons: given.all("reasons").map(value => labelOf(ask, "complaint", "reasons", value)),
      words: given.one("words"),
      wanted: given.all("wanted").map(value => labelOf(ask, "complaint", "wanted", value)),
      amount: Number.isSafeInteger(amount) ? amount : 0,
      photos: given.all("photos").length,
      recordings: given.all("recordings").length,
      answer: promised.answer,
    },
    ask.say,
  )
  const text = textOf(said)
  const hash = await textHash(text)
  const strokes = given.one("signature")
  const voided = Boolean(strokes) && given.one("signature_text_hash") !== hash
  const record = newId(ask, "complaint")
  const draft = { taken_at: readAt, severity, number: receiptNumber(record, ask.now) }
  const label = labelOf(ask, "complaint", "severity", severity)
  return {
    ...said,
    text,
    words: given.one("words"),
    text_hash: hash,
    read_at: readAt,
    strokes: voided ? "" : strokes,
    voided,
    void_words: voided ? ask.say(VOIDED) : "",
    cannot: Boolean(given.one("signature_cannot")),
    why_not: WHY_NOT.map(sentence => ask.say(sentence)).map(words => ({
      value: words,
      label: words,
      chosen: words === given.one("unsigned"),
    })),
    slip: slip(draft, ask.world, ask.say, label),
    errors: {},
  }
}

const WHY_NOT = [
  _("The hand or the eyes do not allow it"),
  _("Cannot write"),
  _("Would rather not sign"),
  _("Complains by phone"),
]

// The moment of the reading stays while there is a signature, so that the text stays what it was.
function readMoment(ask, given) {
  const at = Number(given.one("read_at"))
  const fresh = Number.isSafeInteger(at) && at <= ask.now && ask.now - at <= READ_FOR
  return fresh && given.one("signature") ? at : ask.now
}

// Since when and where the person has been waiting, if the visit says so.
async function waitOf(ask, visit) {
  if (!visit) return null
  const { records } = await store.list("waiting.of_visit", {
    parts: [visit._id],
    limit: 1,
    reverse: true,
  })
  const place = records[0] && ask.world.reference(records[0].place)?.title
  return place ? { since: clock(records[0].started_at), place } : null
}

async function taking(ask, visit, given, { kept, problems = {} }) {
  const said = { ...(await saidOf(ask, visit, given)), errors: problems }
  const severity = given.one("severity") || "general"
  const near = await placesNear(ask, visit, placeOf(given))
  const form = {
    draft: draftOf(visit),
    action: "/floor/complaint",
    act_id: ask.form?.get("act_id") || ask.world.actId(),
    visit: visit ? visit._id.split(":")[1] : "",
    kept_at: kept ? ask.now : 0,
    values: Object.fromEntries(FIELDS.map(name => [name, given.one(name)])),
    choices: {
      salutation: choicesOf(ask, "complaint", "salutation", given.one("salutation")),
      reasons: choicesOf(ask, "complaint", "reasons", given.all("reasons")),
      wanted: choicesOf(ask, "complaint", "wanted", given.all("wanted")),
      severity: choicesOf(ask, "complaint", "severity", severity).map(option => ({
        ...option,
        label: `${option.label}·${promises({ taken_at: ask.now, severity: option.value }, ask.world, ask.say).days}`,
      })),
      ...near,
    },
    photos: given.all("photos").map(hash => ({ hash })),
    recordings: given.all("recordings").map(hash => ({ hash })),
    limits: {
      longest: ask.world.settings["photo.longest_side"].value,
      quality: ask.world.settings["photo.quality"].value,
      seconds: ask.world.settings["voice.at_most"].value,
    },
    who_open: !given.one("name") || Boolean(problems.name || problems.phone || problems.salutation),
    errors: problems,
    problems: problemList(problems),
  }
  const status = form.problems.length ? 422 : 200
  const back = visit ? `/floor/lobby/${form.visit}` : "/floor/complaints"
  const model = { steps: steps(ask, stepOf(said)), form: { ...form, back }, said }
  return page(ask, "features/complaint/new.html", model, { tab: "lobby", status })
}

// Places of this visit first, then those around; the rest in a list.
async function placesNear(ask, visit, chosen) {
  const waits = visit
    ? (await store.list("waiting.of_visit", { parts: [visit._id], limit: 3, reverse: true }))
        .records
    : []
  const rooms = roomsFor(ask)
  const own = [...waits.map(wait => wait.place), visit?.next_place, visit?.place].filter(Boolean)
  const desks = rooms.filter(room => room.kind === "desk").map(room => room._id)
  const near = [...new Set([...own, ...desks, ...rooms.map(room => room._id)])]
    .map(id => ask.world.reference(id))
    .filter(Boolean)
    .slice(0, NEAR)
  const isNear = near.some(place => place._id === chosen)
  return {
    about_place: [
      ...near.map(place => option(place, chosen)),
      { value: ELSEWHERE, label: ask.say(_("Elsewhere…")), chosen: Boolean(chosen) && !isNear },
    ],
    elsewhere: [
      { value: "", label: ask.say(_("Choose a place")), chosen: isNear || !chosen },
      ...ask.world
        .referenceOf("place")
        .filter(place => !["site", "floor", "bed"].includes(place.kind))
        .sort((a, b) => (a.order ?? 0) - (b.order ?? 0))
        .map(place => option(place, isNear ? "" : chosen)),
    ],
  }
}

const option = (place, chosen) => ({
  value: place._id,
  label: place.title,
  chosen: place._id === chosen,
})

const stepOf = said => (!said.words ? 1 : said.strokes || said.cannot ? 3 : 2)

// listen·read back·sign·receipt
function steps(ask, at) {
  return [_("Listen"), _("Read back"), _("Sign"), _("Receipt")].map((label, n) => ({
    label: ask.say(label),
    state: n + 1 < at ? "done" : n + 1 === at ? "now" : "ahead",
  }))
}
