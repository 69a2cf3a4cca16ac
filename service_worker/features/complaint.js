// Screens of complaints on the floor: the list, the record with its ladders (escalation policies), and
// the acts that may be done here (rules C and L-A). Taking one is in complaint_intake.js.
import { may, perform, performTap } from "../screens/acts.js"
import { farWords } from "../models/deadlines.js"
import { dataOf, Problem, typedText } from "../screens/forms.js"
import { page, redirect } from "../screens/screens.js"
import * as store from "../store/store.js"
import { choicesOf, fieldLabel, labelOf, mostOf, problemList, storyOf } from "../models/labels.js"
import { clock, day, maskName, maskPhone, thousands } from "../rules/display_format.js"
import { runs } from "../rules/ladder.js"
import { placed } from "../models/blob_whereabouts.js"
import { _ } from "../base/words.js"
import { correctedSince, dayStrip, nextDeadline, order, promises } from "./complaint_model.js"
import { row, rungs, strokesPath, whoWords } from "./complaint_model.js"

export { create, readbackPart, receipt, taken } from "./complaint_intake.js"

const LIMIT = 100 // rows of a page of all complaints

// Screens

/** GET /floor/complaints?view=open|mine|all */
export async function list(ask) {
  const view = ask.query.get("view") || "open"
  const { records: open } = await store.list("complaint.open", { limit: 500 })
  const mine = open.filter(record => record.owner === ask.person._id)
  const { records: all, after } =
    view === "all"
      ? await store.list("complaint.complaints", {
          limit: LIMIT,
          reverse: true,
          after: ask.query.get("after"),
        })
      : { records: [], after: null }
  const shown = { open, mine, all }[view] ?? open
  const rows = shown.map(record => row(record, ask.world, ask.say, salutation(ask, record)))
  const views = [
    ["open", _("Not settled"), open.length],
    ["mine", _("Mine"), mine.length],
    ["all", _("All"), await store.count("complaint.complaints")],
  ]
  const model = {
    complaints: {
      rows: view === "all" ? rows : order(rows),
      views: views.map(([name, label, count]) => ({
        href: `/floor/complaints?view=${name}`,
        label: ask.say(label),
        count,
        current: name === view,
      })),
      more_href: after ? `/floor/complaints?view=all&after=${encodeURIComponent(after)}` : "",
    },
  }
  return page(ask, "features/complaint/list.html", model, { tab: "more" })
}

/** GET /floor/complaint/:id */
export const show = async ask => shown(ask, await wanted(ask))

/** GET /floor/complaint/:id/respond */
export async function respond(ask) {
  return responding(ask, await wanted(ask))
}

/** GET /floor/complaint/:id/escalate */
export async function escalate(ask) {
  return escalating(ask, await wanted(ask))
}

/** GET /floor/complaint/:id/edit */
export async function edit(ask) {
  const record = await wanted(ask)
  if (!mayEdit(ask)) throw new Problem(403, "not_your_post")
  return editing(ask, record)
}

// Acts

/**
 * POST …/responded. C-04: the first answer ends the first ladder; each further one counts as an
 * attempt.
 */
export async function responded(ask) {
  const record = await wanted(ask)
  const done = await perform(
    ask,
    [["complaint.responded", record._id, dataOf(ask, "complaint.responded")]],
    { draft: `respond-${ask.params.id}` },
  )
  return done.kept ? redirect(ask, hrefOf(ask)) : responding(ask, record, done.problems)
}

/** POST …/escalated */
export async function escalated(ask) {
  const record = await wanted(ask)
  const done = await perform(
    ask,
    [["complaint.escalated", record._id, dataOf(ask, "complaint.escalated")]],
    { draft: `escalate-${ask.params.id}` },
  )
  return done.kept ? redirect(ask, hrefOf(ask)) : escalating(ask, record, done.problems)
}

/** POST …/edited: one act for each changed field; the text that was signed stays in the first act. */
export async function edited(ask) {
  const record = await wanted(ask)
  if (!mayEdit(ask)) throw new Problem(403, "not_your_post")
  const values = {
    words: typedText(ask.form.get("words") ?? "") || null,
    severity: ask.form.get("severity") || null,
  }
  const acts = Object.entries(values)
    .filter(([name, value]) => value !== (record[name] ?? null))
    .map(([field, value]) => [
      "complaint.edited",
      record._id,
      { field, old: record[field] ?? null, new: value },
    ])
  if (acts.length === 0) return redirect(ask, hrefOf(ask))
  const done = await perform(ask, acts, { draft: `edit-${ask.params.id}` })
  return done.kept ? redirect(ask, hrefOf(ask)) : editing(ask, record, done.problems)
}

/** POST …/revealed: name and phone are shown unmasked, and who looked is an act. */
export async function revealed(ask) {
  const record = await wanted(ask)
  await performTap(ask, [["complaint.revealed", record._id, {}]])
  return shown(ask, await wanted(ask), true)
}

// Private

async function wanted(ask) {
  const record = await store.get(`complaint:${ask.params.id}`)
  if (!record) throw new Problem(404)
  return record
}

export const hrefOf = ask => `/floor/complaint/${ask.params.id}`
const isOpen = record => ["open", "responded"].includes(record.state)
const salutation = (ask, record) =>
  record.salutation ? labelOf(ask, "complaint", "salutation", record.salutation) : ""

function mayEdit(ask) {
  const { editors } = ask.world.declarations.records.complaint
  return editors.some(post => ask.person.posts?.includes(post))
}

async function shown(ask, record, open = false) {
  const one = await whole(ask, record, open)
  return page(ask, "features/complaint/show.html", { one }, { tab: "more" })
}

// The view model of the record's page; `open` shows name and phone unmasked.
async function whole(ask, record, open) {
  const { world, say } = ask
  const next = record.taken_at ? nextDeadline(record, world) : null
  const title = salutation(ask, record)
  const name = open ? record.name || "" : maskName(record.name)
  const phone = open ? record.phone || "" : maskPhone(record.phone)
  const who = [whoWords({ name, title }, say), phone].filter(Boolean).join(" ")
  return {
    href: hrefOf(ask),
    number: record.number || say(_("Complaint")),
    who: who || say(_("Did not say who")),
    private: Boolean(record.name || record.phone),
    revealed: open,
    reveal_id: world.actId(),
    seen: record.acts.last,
    mark: world.mark(record._id),
    state: stateWords(ask, record),
    clock: next && { ...next, ...deadlineWords(ask, record, next) },
    facts: facts(ask, record),
    words: record.words || "",
    photos: await placed(ask, record, "photos"),
    recordings: await placed(ask, record, "recordings"),
    signature: signature(ask, record, whoWords({ name: maskName(record.name), title }, say)),
    readback: record.readback || "",
    ladders: ladders(ask, record),
    days: record.taken_at && isOpen(record) ? dayStrip(record, world, say) : [],
    why: why(ask, record),
    acts: {
      respond: isOpen(record) && may(ask, "complaint.responded"),
      again: record.state === "responded",
      escalate: isOpen(record) && may(ask, "complaint.escalated"),
      edit: isOpen(record) && mayEdit(ask),
      about: isOpen(record) && may(ask, "complaint.named"),
      receipt: record.state !== "undone" && Boolean(record.number),
    },
    story: storyOf(ask, record),
    unsettled: record.unsettled.length,
  }
}

function stateWords(ask, record) {
  if (record.state === "settled") return ask.say(_("Settled"))
  if (record.state === "undone") return ask.say(_("Taken back"))
  if (record.state === "referred") return ask.say(_("Passed to another hospital"))
  return ask.say(
    record.state === "responded" ? _("Answered, not settled yet") : _("Not answered yet"),
  )
}

function deadlineWords(ask, record, next) {
  const late = ask.now >= next.due_at
  const label = ask.say(ask.world.declarations.ladders[next.ladder].label)
  const taken = `${day(record.taken_at)} ${clock(record.taken_at)}`
  return {
    before: ask.say(late ? _("Overdue by") : _("Time left")),
    far: farWords(ask.say, next.due_at, ask.now, ask.world.calendar),
    note: ask.say(_("%(label)s, counted from %(moment)s"), { label, moment: taken }),
  }
}

function facts(ask, record) {
  const fact = (name, words) => ({ term: fieldLabel(ask, "complaint", name), words: words || "" })
  const labels = name => (record[name] || []).map(value => labelOf(ask, "complaint", name, value))
  const between = ask.say(_(", "))
  const limit = record.taken_at ? promises(record, ask.world, ask.say).days : ""
  const severity = record.severity ? labelOf(ask, "complaint", "severity", record.severity) : ""
  return [
    fact("reasons", labels("reasons").join(between)),
    fact("about_place", titleOf(ask, record.about_place)),
    fact("about", (record.about || []).map(id => titleOf(ask, id)).join(between)),
    fact("wanted", labels("wanted").join(between)),
    fact("severity", [severity, limit].filter(Boolean).join("·")),
    fact("amount", record.amount ? thousands(record.amount) : ""),
    fact("place", titleOf(ask, record.place)),
    fact("department", record.department),
    fact("unsigned", record.unsigned),
    fact("response", record.response),
    fact("means", record.means ? labelOf(ask, "complaint", "means", record.means) : ""),
    fact("satisfied", satisfied(ask, record)),
    fact("attended_by", record.attended_by),
    fact("resolution", record.resolution),
  ]
}

function satisfied(ask, record) {
  if (record.satisfied === undefined) return ""
  return ask.say(record.satisfied ? _("Yes") : _("No"))
}

const titleOf = (ask, id) => (id && ask.world.reference(id)?.title) || ""

function signature(ask, record, who) {
  if (!record.signature) return null
  return {
    path: strokesPath(record.signature.strokes),
    who: who || ask.say(_("Signed")),
    said: clock(record.taken_at),
    corrected: correctedSince(record),
  }
}

function ladders(ask, record) {
  if (!record.taken_at) return []
  const named = id => {
    if (id === "owner") return titleOf(ask, record.owner)
    const post = ask.world.declarations.posts[id]
    return post ? ask.say(post) : ask.world.reference(id)?.title || ""
  }
  const names = ["complaint_response", `complaint_solve_${record.severity || "general"}`]
  return names.map(name => {
    const label = ask.say(ask.world.declarations.ladders[name].label)
    const drawn = rungs(record, name, ask.world, ask.say, named)
    if (isRunning(ask, record, name)) return { label, note: "", rungs: drawn }
    const note = endWords(ask, record, name)
    return { label, note, rungs: drawn.filter(rung => rung.state === "done") }
  })
}

const isRunning = (ask, record, name) => runs(ask.world.declarations.ladders[name], record)

// How a ladder ended that no longer runs: what was done, when, by whom.
function endWords(ask, record, name) {
  const [at, by] =
    name === "complaint_response" && record.responded_at
      ? [record.responded_at, record.responded_by]
      : [record.settled_at, record.settled_by]
  if (!at) return ""
  const moment = `${day(at)} ${clock(at)}`
  return ask.say(_("done %(moment)s, %(name)s"), { moment, name: titleOf(ask, by) })
}

function why(ask, record) {
  if (!record.taken_at) return ""
  const { days } = promises(record, ask.world, ask.say)
  return ask.say(_("Why this deadline: %(length)s, the day it was taken does not count"), {
    length: days,
  })
}

const typedIn = async (ask, draft) =>
  (ask.form ? Object.fromEntries(ask.form) : await ask.draft(draft)) || {}

async function responding(ask, record, problems = {}) {
  const draft = `respond-${ask.params.id}`
  const typed = await typedIn(ask, draft)
  const yes = { value: "yes", label: ask.say(_("Yes")), chosen: typed.satisfied === "yes" }
  const no = { value: "no", label: ask.say(_("No")), chosen: typed.satisfied === "no" }
  return formPage(ask, record, "respond", draft, problems, {
    action: `${hrefOf(ask)}/responded`,
    values: { response: typed.response || "" },
    choices: { means: choicesOf(ask, "complaint", "means", typed.means), satisfied: [yes, no] },
    kept_at: typed.response ? ask.now : 0,
  })
}

async function escalating(ask, record, problems = {}) {
  const draft = `escalate-${ask.params.id}`
  const typed = await typedIn(ask, draft)
  return formPage(ask, record, "escalate", draft, problems, {
    action: `${hrefOf(ask)}/escalated`,
    values: { reason: typed.reason || "" },
    choices: {},
    kept_at: typed.reason ? ask.now : 0,
  })
}

async function editing(ask, record, problems = {}) {
  const draft = `edit-${ask.params.id}`
  const typed = await typedIn(ask, draft)
  return formPage(ask, record, "edit", draft, problems, {
    action: `${hrefOf(ask)}/edited`,
    values: { words: typed.words ?? record.words ?? "" },
    choices: {
      severity: choicesOf(ask, "complaint", "severity", typed.severity || record.severity),
    },
    kept_at: typed.words ? ask.now : 0,
  })
}

export async function formPage(ask, record, name, draft, problems, form) {
  const model = {
    one: await whole(ask, record, false),
    form: {
      ...form,
      draft,
      most: mostOf(ask, "complaint"),
      act_id: ask.world.actId(),
      seen: record.acts.last,
      errors: problems,
      problems: problemList(problems),
    },
  }
  const status = model.form.problems.length ? 422 : 200
  return page(ask, `features/complaint/${name}.html`, model, { tab: "more", status })
}
