// Performs gestures: one tap or form is one gesture, a list of acts that are stored in one transaction,
// all or none; idempotent by the form's act_id; and undoable as a whole for some seconds.

import { makeAct } from "../rules/act.js"
import { deviceNow } from "../base/clock.js"
import { Problem } from "./forms.js"
import { declarations } from "../generated/declarations.js"
import { actIdOf, isActId } from "../rules/gesture_ids.js"
import { check } from "../rules/check_act.js"
import { takenFrom } from "../rules/copies.js"
import { isWithin } from "../models/reach.js"
import { nameOf } from "../models/rows.js"
import { over } from "../rules/guards.js"
import { missing } from "../rules/maps.js"
import { lastMoment } from "../rules/statements.js"
import * as store from "../store/store.js"
import { _, fieldProblem } from "../base/words.js"

const SECOND = 1000
let keptListener = () => {}

/** Have `listener(ids)` called with the record ids of each gesture that was kept. One listener only. */
export function onKept(listener) {
  keptListener = listener
}

/**
 * Perform a gesture, [[name of the act, id of the record, data], …].
 *
 * Return {kept: [acts] or null, problems: {field: sentence}}. `draft` is the key of the draft that ends
 * with it, `text` what the person signed, kept in the first act. The form's `act_id` identifies the
 * gesture; its `seen` is the last act of the first record that was on the screen, so that the fold
 * notices when somebody else changed the record meanwhile. Throws Problem(403) for an act that the
 * person's posts may not do.
 */
export async function perform(ask, gesture, { draft = null, text = null } = {}) {
  const sentId = ask.form?.get("act_id")
  const formId = isActId(sentId) ? sentId : ask.world.actId()
  const acts = []
  for (const [n, [name, record, data]] of gesture.entries()) {
    allow(ask, name)
    const before = await store.get(record)
    const seen = (n === 0 && ask.form?.get("seen")) || before?.acts.last || null
    const grounds = declarations.acts[name]?.rests_on ?? []
    if (grounds.length && seen !== before?.acts.last) {
      return { kept: null, problems: { "": ask.say(fieldProblem("changed_meanwhile")) } }
    }
    const entered = { ...(await copiesOf(name, before ?? {}, data)), ...data }
    const said = {
      ...entered,
      ...Object.fromEntries(grounds.map(one => [one, before[one] ?? null])),
    }
    const [lacking] = lackingIn(name, before, said)
    if (lacking) return { kept: null, problems: { [lacking]: ask.say(fieldProblem("required")) } }
    const act = makeAct(name, record, said, {
      ...{ by: ask.person._id, device: ask.device, site: ask.site },
      ...{ at: ask.now, seen, after: before ? lastMoment(before) : null },
      over: overOf(name, before, entered, seen),
      text: n === 0 ? text : null,
      identifier: formId,
    })
    acts.push({ ...act, _id: actIdOf(formId, act.at, n) })
  }
  const problems = problemsOf(ask, acts) ?? unwelcome(ask, acts)
  if (problems) return { kept: null, problems }
  const { acts: kept, repeated } = await store.keep(acts, { draft, keptAt: deviceNow() })
  if (!repeated) keptListener(kept.map(act => act.record))
  return { kept, problems: {} }
}

/** What fields take from links of an act: copied from what this tablet knows. The server fills the rest. */
export async function copiesOf(name, before, data) {
  const declared = declarations.acts[name]
  const copies = {}
  const wanted = declared ? takenFrom(kindOf(name), declared, before, data) : {}
  for (const [field, [id, source]] of Object.entries(wanted)) {
    const value = (await store.get(id))?.[source]
    if (value !== undefined) copies[field] = value
  }
  return copies
}

// What the record requires that the act does not say: the fold would ask the office.
function lackingIn(name, before, said) {
  const declared = declarations.acts[name]
  return declared && before ? missing(kindOf(name), declared, before, said) : []
}

// The answers that an act replaces, as far as they were on the screen; null where it can replace none.
function overOf(name, before, data, seen) {
  const { creates, sets } = declarations.acts[name] ?? {}
  if (!sets || !before || !Object.keys(data).length) return null
  return over(before, creates ? { ...sets, ...data } : data, seen)
}

const kindOf = name => declarations.records[name.split(".")[0]]

function problemsOf(ask, acts) {
  for (const act of acts) {
    const codes = Object.entries(check(declarations, act))
    if (codes.length) {
      return Object.fromEntries(codes.map(([name, code]) => [name, ask.say(fieldProblem(code))]))
    }
  }
  return null
}

/**
 * Perform a gesture that has no form of its own to come back to: a tap.
 *
 * Return its acts. Throws Problem(422) with the sentences of what is wrong: nothing was kept, and no screen
 * may look as if it were.
 */
export async function performTap(ask, gesture, options) {
  const { kept, problems } = await perform(ask, gesture, options)
  if (!kept) throw new Problem(422, Object.values(problems).join(" "))
  return kept
}

// What the server will ask besides: is the place one of theirs (rule W-01), is the act not too long. Who
// hears it now chooses another place; refused later, no clock would run for whoever sits there.
function unwelcome(ask, acts) {
  for (const one of acts) {
    const { placed } = declarations.records[one.act.split(".")[0]] ?? {}
    const at = placed && declarations.acts[one.act]?.creates && one.data.place
    if (at && !isWithin(ask.world, ask.person, at)) {
      return { place: ask.say(NOT_YOURS, { place: ask.world.reference(at)?.title ?? "" }) }
    }
    const size = new TextEncoder().encode(JSON.stringify(one)).length
    if (size > MOST_BYTES) return { [Object.keys(one.data)[0]]: ask.say(TOO_LONG) }
  }
  return null
}

const NOT_YOURS = _(
  "%(place)s is not one of your places, so nothing was kept. Choose one of yours, or ask the office to give you this one.",
)
const TOO_LONG = _("This is more than fits into one entry. Write it shorter.")
const MOST_BYTES = 1_000_000 // of one act; server/acts/verdict.py has the same

/** Whether this person's posts may do an act. */
export function may(ask, name) {
  const [kind, verb] = name.split(".")
  const who = verb === "edited" ? declarations.records[kind]?.editors : declarations.acts[name]?.who
  return !who || who.includes("anybody") || who.some(post => ask.person.posts?.includes(post))
}

function allow(ask, name) {
  if (!ask.person || !may(ask, name)) throw new Problem(403, "not_your_post")
}

/**
 * Return the undo that is offered now, {href, act_id, undoes, say, until_at (ms)}, or null: of the last
 * gesture of this person on this device, for as long as the setting says, if all of it can be taken
 * back.
 */
export async function undoOffer(ask) {
  const seconds = ask.world.settings["undo.offered_for"].value
  const { own } = await store.atHand()
  const mine = [...own.values()].filter(row => row.by === ask.person?._id)
  const last = mine.at(-1)
  if (!last || last.state === "refused" || ask.now >= last.act.at + seconds * SECOND) return null
  const [first] = last.gesture
  const act = own.get(first)?.act
  const label = act && declarations.acts[act.act]
  if (!label?.undo) return null
  const record = await store.get(act.record)
  if (!record?.acts.recent.some(entry => entry.id === first && entry.was && !entry.undone)) {
    return null
  }
  const title = titleOf(ask, record)
  const name = title ? `${ask.say(label.label)} · ${title}` : ask.say(label.label)
  const until_at = act.at + seconds * SECOND
  return { href: "/floor/undo", act_id: ask.world.actId(), undoes: first, say: name, until_at }
}

// A record may be called after a choice or a place: its own screens, or none, say the words.
function titleOf(ask, record) {
  const kind = ask.world.declarations.records[record.type]
  return kind.path && !kind.own_screens ? nameOf(ask, record) : record.title
}

/** Undo a whole gesture of this device, from its last act to its first, as a gesture of its own. */
export async function takeBack(ask) {
  const row = await store.ownAct(ask.form.get("undoes") ?? "")
  if (!row) throw new Problem(404)
  const rows = await Promise.all(row.gesture.toReversed().map(id => store.ownAct(id)))
  const gesture = rows
    .filter(each => each && each.state !== "refused")
    .map(({ act }) => [`${act.act.split(".")[0]}.undone`, act.record, { undoes: act._id }])
  return performTap(ask, gesture)
}
