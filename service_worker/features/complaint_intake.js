// Screens of taking a complaint, in four steps: the person tells it, it is read back, signed, and a
// receipt handed over (rules C-01, C-04, C-15).
import { perform } from "../screens/acts.js"
import {
  clock,
  maskPhone,
  MINUTE,
  readAmount,
  receipt as receiptNumber,
  textHash,
} from "../rules/display_format.js"
import { dataOf, ELSEWHERE, newId, Problem, typedText } from "../screens/forms.js"
import { fragment, page, redirect } from "../screens/screens.js"
import * as store from "../store/store.js"
import { choicesOf, labelOf, mostOf, problemList, roomsFor } from "../models/labels.js"
import { reasonsUnsigned, UNSIGNED, VOIDED } from "../models/signatures.js"
import { _, fieldProblem } from "../base/words.js"
import { flatStrokes, promises, readBack, slip, textOf } from "./complaint_model.js"

const READ_FOR = 15 * MINUTE // a reading older than this promised a first answer too early: it is read anew
const NEAR = 4 // places offered as chips; the others are in a list
const FIELDS = ["name", "salutation", "phone", "about_place", "words", "severity", "amount"]

// Screens

/** GET /floor/complaint/new, with ?visit=… for somebody in the house */
export async function create(ask) {
  const visit = await visitOf(ask, ask.query.get("visit"))
  const typed = await ask.draft(draftOf(visit))
  const fields = typed ? reader(name => [typed[name] ?? []].flat()) : prefilled(visit)
  return taking(ask, visit, fields, { kept: Boolean(typed) })
}

/** POST /floor/complaint/said: the form as it is; its right half, what is read back, is rendered anew. */
export async function readbackPart(ask) {
  const visit = await visitOf(ask, ask.form.get("visit"))
  const fields = reader(name => ask.form.getAll(name))
  const readback = await readbackOf(ask, visit, fields)
  const model = { said: readback, steps: steps(ask, stepOf(readback)) }
  return fragment(ask, "features/complaint/read_back_part.html", model, {
    back: "/floor/complaint/new",
  })
}

/** GET /floor/complaint/:id/receipt */
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

/** POST /floor/complaint */
export async function taken(ask) {
  const visit = await visitOf(ask, ask.form.get("visit"))
  const fields = reader(name => ask.form.getAll(name))
  const readback = await readbackOf(ask, visit, fields)
  const record = newId(ask, "complaint")
  const data = withoutNothing({
    ...dataOf(ask, "complaint.taken"),
    ...signed(fields, readback),
    ...sharedPhone(visit, fields),
    number: receiptNumber(record, ask.now),
    subject: visit?._id,
    place: visit?.place || ask.place,
    about_place: placeOf(fields),
    readback: readback.text,
  })
  const problems = { ...missing(ask, data), ...unsignedProblem(ask, fields, readback, data) }
  if (Object.keys(problems).length === 0) {
    const done = await perform(ask, [["complaint.taken", record, data]], {
      draft: draftOf(visit),
      text: readback.text,
    })
    if (done.kept) return redirect(ask, `/floor/complaint/${record.split(":")[1]}/receipt`)
    Object.assign(problems, done.problems)
  }
  return taking(ask, visit, fields, { kept: true, problems })
}

// The signature's strokes are kept with the hash of exactly the text that was read: words that change later
// cannot pass for what was signed.
function signed(fields, readback) {
  if (fields.one("signature_cannot")) {
    return { signature: null, unsigned: fields.one("unsigned") || null }
  }
  const strokes = readback.voided ? [] : flatStrokes(fields.one("signature"))
  return {
    signature: strokes.length ? { strokes, of: readback.text_hash } : null,
    unsigned: null,
  }
}

function unsignedProblem(ask, fields, readback, data) {
  if (fields.one("signature_cannot")) {
    return data.unsigned ? {} : { unsigned: ask.say(_("Say why there is no signature.")) }
  }
  if (data.signature) return {}
  if (readback.voided) return { signature: ask.say(VOIDED) }
  return { signature: ask.say(UNSIGNED) }
}

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

// Reads a form or a draft alike: `all(name)` returns a list of texts.
function reader(all) {
  return { one: name => typedText(all(name)[0] ?? ""), all: name => all(name).filter(Boolean) }
}

// A blank form, but for what the visit says already.
const prefilled = visit =>
  reader(name => {
    if (name === "same_phone") return visit?.phone ? ["yes"] : []
    return visit && KNOWN.includes(name) ? [visit[name] ?? ""] : []
  })
const KNOWN = ["name", "salutation"]

// The phone of the visit goes with the complaint without being shown: nobody looked at it (PR-01).
const sharedPhone = (visit, fields) =>
  visit?.phone && fields.one("same_phone") && !fields.one("phone") ? { phone: visit.phone } : {}

function placeOf(fields) {
  const chosen = fields.one("about_place")
  return chosen === ELSEWHERE ? fields.one("elsewhere") : chosen
}

// The view model of the form's right half: the text that is read back, the signature, the slip to hand
// over.
async function readbackOf(ask, visit, fields) {
  const readAt = readMoment(ask, fields)
  const severity = fields.one("severity") || "general"
  const promised = promises({ taken_at: readAt, severity }, ask.world, ask.say)
  const amount = readAmount(fields.one("amount")) ?? 0
  const spoken = readBack(
    {
      name: fields.one("name"),
      title: labelOf(ask, "complaint", "salutation", fields.one("salutation")),
      place: ask.world.reference(placeOf(fields))?.title || "",
      waited: fields.all("reasons").includes("waiting") ? await waitOf(ask, visit) : null,
      reasons: fields.all("reasons").map(value => labelOf(ask, "complaint", "reasons", value)),
      words: fields.one("words"),
      wanted: fields.all("wanted").map(value => labelOf(ask, "complaint", "wanted", value)),
      amount,
      photos: fields.all("photos").length,
      recordings: fields.all("recordings").length,
      answer: promised.answer,
    },
    ask.say,
  )
  const text = textOf(spoken)
  const hash = await textHash(text)
  const strokes = fields.one("signature")
  const voided = Boolean(strokes) && fields.one("signature_text_hash") !== hash
  const record = newId(ask, "complaint")
  const draft = { taken_at: readAt, severity, number: receiptNumber(record, ask.now) }
  const label = labelOf(ask, "complaint", "severity", severity)
  return {
    ...spoken,
    text,
    words: fields.one("words"),
    text_hash: hash,
    read_at: readAt,
    strokes: voided ? "" : strokes,
    voided,
    void_words: voided ? ask.say(VOIDED) : "",
    cannot: Boolean(fields.one("signature_cannot")),
    why_not: reasonsUnsigned(ask, fields.one("unsigned"), [_("Complains by phone")]),
    slip: slip(draft, ask.world, ask.say, label),
    errors: {},
  }
}

// The moment of the reading, from which the promised answer is counted. It stays while there is a
// signature: another moment would change the text, and with it void the signature.
function readMoment(ask, fields) {
  const at = Number(fields.one("read_at"))
  const fresh = Number.isSafeInteger(at) && at <= ask.now && ask.now - at <= READ_FOR
  return fresh && fields.one("signature") ? at : ask.now
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

async function taking(ask, visit, fields, { kept, problems = {} }) {
  const readback = { ...(await readbackOf(ask, visit, fields)), errors: problems }
  const severity = fields.one("severity") || "general"
  const near = await placesNear(ask, visit, placeOf(fields))
  const form = {
    draft: draftOf(visit),
    action: "/floor/complaint",
    act_id: ask.form?.get("act_id") || ask.world.actId(),
    visit: visit ? visit._id.split(":")[1] : "",
    kept_at: kept ? ask.now : 0,
    values: Object.fromEntries(FIELDS.map(name => [name, fields.one(name)])),
    choices: {
      salutation: choicesOf(ask, "complaint", "salutation", fields.one("salutation")),
      reasons: choicesOf(ask, "complaint", "reasons", fields.all("reasons")),
      wanted: choicesOf(ask, "complaint", "wanted", fields.all("wanted")),
      severity: choicesOf(ask, "complaint", "severity", severity).map(option => ({
        ...option,
        label: `${option.label}·${promises({ taken_at: ask.now, severity: option.value }, ask.world, ask.say).days}`,
      })),
      ...near,
    },
    known_phone: visit?.phone ? maskPhone(visit.phone) : "",
    same_phone: Boolean(fields.one("same_phone")),
    most: mostOf(ask, "complaint"),
    photos: fields.all("photos").map(hash => ({ hash })),
    recordings: fields.all("recordings").map(hash => ({ hash })),
    limits: {
      longest: ask.world.settings["photo.longest_side"].value,
      quality: ask.world.settings["photo.quality"].value,
      seconds: ask.world.settings["voice.at_most"].value,
    },
    who_open:
      !fields.one("name") || Boolean(problems.name || problems.phone || problems.salutation),
    errors: problems,
    problems: problemList(problems),
  }
  const status = form.problems.length ? 422 : 200
  const back = visit ? `/floor/lobby/${form.visit}` : "/floor/complaints"
  const model = { steps: steps(ask, stepOf(readback)), form: { ...form, back }, said: readback }
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

const stepOf = readback => (!readback.words ? 1 : readback.strokes || readback.cannot ? 3 : 2)

// listen·read back·sign·receipt
function steps(ask, at) {
  return [_("Listen"), _("Read back"), _("Sign"), _("Receipt")].map((label, n) => ({
    label: ask.say(label),
    state: n + 1 < at ? "done" : n + 1 === at ? "now" : "ahead",
  }))
}
