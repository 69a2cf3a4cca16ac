// The screens of every kind of record that is declared and has none of its own: its list, its page, a form
// to make one and one for each act. Nothing here knows a kind; `routes.js` gives its path.

import { may, perform, performTap } from "../screens/acts.js"
import { newId, Problem } from "../screens/forms.js"
import { fragment, page, redirect } from "../screens/screens.js"
import { declaredKinds, hrefOf } from "../models/reference.js"
import { keyId } from "../rules/act.js"
import { chanceOf, isActId } from "../rules/gesture_ids.js"
import * as store from "../store/store.js"
import { _ } from "../base/words.js"
import { actsOf, choicesFor, isFree, makingOf, soFarOf, verbOf } from "./register_acts.js"
import { formOf, isSmall, readShown, saidInForm, saidOf } from "./register_form.js"
import { draftKey, listHref, listOf, wholeOf } from "./register_model.js"

const EDITED = "edited"
const REVEALED = "revealed"

// Screens

/** GET /floor/<path>?state=… */
export async function list(ask) {
  const kind = kindOf(ask)
  const list = await listOf(ask, kind)
  const first = list.first && (await store.get(list.first))
  if (!first) return screen(ask, { list, one: null, form: null, chosen: false })
  list.rows[0].current = true
  list.again += encodeURIComponent(list.rows[0].href) // it stays lit when the rows come again
  return shown(ask, kind, first, { list, chosen: false })
}

/** GET /floor/<path>/part?state=…&q=…: the rows alone. */
export async function part(ask) {
  const kind = kindOf(ask)
  const list = await listOf(ask, kind, ask.query.get("one") ?? "")
  const back = list.q ? `${list.href}?q=${encodeURIComponent(list.q)}` : list.here
  return fragment(ask, "features/register/rows.html", { list }, { back })
}

/** GET /floor/<path>/:id: the record, with the form of what is next where that is short. */
export async function show(ask) {
  const kind = kindOf(ask)
  return shown(ask, kind, await wanted(ask, kind))
}

/** GET /floor/<path>/new */
export async function create(ask) {
  const kind = kindOf(ask)
  return asking(ask, making(ask, kind))
}

/** GET /floor/<path>/:id/:word; what cannot be said any more leads to the record, which says why. */
export async function asked(ask) {
  const kind = kindOf(ask)
  if (ask.params.word === REVEALED) return redirect(ask, hrefOf(await wanted(ask, kind)))
  const given = await saying(ask, kind)
  if (!isOpen(ask, kind, given)) return redirect(ask, hrefOf(given.record))
  return asking(ask, given)
}

/** POST /floor/<path>/:id/:word/said: the text to be signed, drawn anew while the form is filled in. */
export async function said(ask) {
  const kind = kindOf(ask)
  const given = ask.params.id === "new" ? making(ask, kind) : await saying(ask, kind)
  const model = { form: { said: await saidOf(ask, given) } }
  return fragment(ask, "features/register/said.html", model, { back: listHref(kind) })
}

// Acts

/** POST /floor/<path>/new */
export async function made(ask) {
  const kind = kindOf(ask)
  const given = making(ask, kind)
  return keeping(ask, given, keyedId(ask, given) ?? newId(ask, kind.name))
}

/** POST /floor/<path>/:id/:word: a form, or a tap that asks nothing. */
export async function done(ask) {
  const kind = kindOf(ask)
  const record = await wanted(ask, kind)
  if (ask.params.word === REVEALED) return revealed(ask, kind, record)
  const given = await saying(ask, kind)
  if (given.verb === EDITED) return corrected(ask, given)
  if (!isOpen(ask, kind, given) && !isKept(ask, record)) throw new Problem(422, ask.say(TOO_LATE))
  const soFar = ask.form.has("so_far") && soFarOf(ask, kind, record, given.act)
  if (soFar) {
    const [verb, act] = soFar
    return keeping(ask, { kind, verb, act, record }, record._id, given.verb)
  }
  if (given.act.asks.length) return keeping(ask, given, record._id)
  await performTap(ask, [[`${kind.name}.${given.verb}`, record._id, {}]])
  return redirect(ask, hrefOf(record))
}

// Private

const TOO_LATE = _("This cannot be said any more: somebody changed the record meanwhile.")

const isOpen = (ask, kind, { verb, act, record }) =>
  verb === EDITED || isFree(ask, kind, record, [verb, act])

// Whoever opens the sheet of a place and a day opens the same one; null for a kind without a key.
function keyedId(ask, { kind, act }) {
  if (!kind.key?.length) return null
  const said = readShown(ask, kind, act, null)
  return keyId(
    kind.name,
    kind.key.map(name => said[name] ?? ""),
  )
}

// The form was sent before, and the answer was lost on the way: sent twice it counts once.
const isKept = (ask, record) => {
  const sent = ask.form.get("act_id") ?? ""
  return record.acts.recent.some(entry => isActId(sent) && chanceOf(entry.id) === chanceOf(sent))
}

function kindOf(ask) {
  const found = declaredKinds().find(([, { path }]) => path === ask.params.path)
  if (!found) throw new Problem(404)
  return found[1]
}

async function wanted(ask, kind) {
  const record = await store.get(`${kind.name}:${ask.params.id}`)
  if (!record) throw new Problem(404)
  return record
}

function making(ask, kind) {
  const [verb, act] = makingOf(ask, kind)
  if (!verb) throw new Problem(403, "not_your_post")
  return { kind, verb, act, record: null }
}

async function saying(ask, kind) {
  const record = await wanted(ask, kind)
  const verb = ask.params.word === EDITED ? EDITED : verbOf(ask, kind, ask.params.word)
  if (!verb) throw new Problem(404)
  if (!may(ask, `${kind.name}.${verb}`)) throw new Problem(403, "not_your_post")
  const act = verb === EDITED ? correcting(ask, kind) : new Map(actsOf(ask, kind)).get(verb)
  return { kind, verb, act, record }
}

// The correction of what may be corrected, as if it were an act that asks for all of it.
function correcting(ask, kind) {
  const isPlain = field => !["ticks", "grid", "counts", "entries"].includes(field.kind)
  const asks = kind.fields.filter(one => one.editable && isPlain(one)).map(one => one.name)
  return { label: _("Correct"), icon: "pencil", asks, needs: [], stamps: [], sets: {}, when: null }
}

const screen = (ask, { status = 200, ...model }) =>
  page(ask, "features/register/show.html", model, { tab: "more", status })

async function shown(ask, kind, record, { open = false, list = null, chosen = true } = {}) {
  const one = await wholeOf(ask, kind, record, { open })
  const { next } = choicesFor(ask, kind, record)
  const [verb, act] = next?.[1].asks.length ? next : []
  const blank = { ...ask, form: null } // what was sent was another form, or a tap
  const form = verb ? await formOf(blank, { kind, verb, act, record }) : null
  const inline = form && isSmall(form) ? { ...form, inline: true } : null
  one.begun = one.begun.filter(draft => draft.href !== inline?.action) // it stands there already
  return screen(ask, {
    ...{ list: list ?? (await listOf(ask, kind, one.href)), one, chosen, form: inline },
  })
}

async function asking(ask, given, problems = {}) {
  const form = { ...(await formOf(ask, { ...given, problems })), inline: false }
  const one = given.record ? await wholeOf(ask, given.kind, given.record) : null
  const status = form.problems.length ? 422 : 200
  const list = await listOf(ask, given.kind, one?.href)
  return screen(ask, { list, one, form, chosen: true, status })
}

// `typed` is the act whose form it was typed in.
async function keeping(ask, given, record, typed = given.verb) {
  const { data, text, problems } = await saidInForm(ask, given)
  const id = given.record ? record.split(":")[1] : "new"
  if (Object.keys(problems).length === 0) {
    const name = `${given.kind.name}.${given.verb}`
    const draft = draftKey(given.kind, id, typed)
    const done = await perform(ask, [[name, record, data]], { draft, text })
    if (done.kept) return redirect(ask, hrefOf({ _id: record }))
    Object.assign(problems, done.problems)
  }
  return asking(ask, given, problems)
}

// A correction is an act for each field that changed.
async function corrected(ask, given) {
  const { kind, record, act } = given
  const values = readShown(ask, kind, act, record)
  const acts = act.asks
    .filter(name => name in values)
    .map(field => [
      `${kind.name}.${EDITED}`,
      record._id,
      { field, old: record[field] ?? null, new: values[field] },
    ])
  if (acts.length === 0) return redirect(ask, hrefOf(record))
  const draft = draftKey(kind, ask.params.id, EDITED)
  const done = await perform(ask, acts, { draft })
  if (done.kept) return redirect(ask, hrefOf(record))
  const [name] = acts.map(([, , data]) => data.field)
  const sentence = done.problems.new ?? Object.values(done.problems)[0]
  return asking(ask, given, { [name]: sentence })
}

// Looking at what is private is an act; the page shows it once.
async function revealed(ask, kind, record) {
  await performTap(ask, [[`${kind.name}.${REVEALED}`, record._id, {}]])
  return shown(ask, kind, await wanted(ask, kind), { open: true })
}
