// What may be done with a record, by its declaration: the next act, the others, and what must be true
// before one that cannot be said yet. In words, so that nobody taps and is refused.

import { may } from "../screens/acts.js"
import { clock } from "../rules/display_format.js"
import { maySay } from "../rules/guards.js"
import { matches } from "../rules/selector.js"
import { actLabel, fieldLabel, labelOf } from "../models/labels.js"
import { isGone, listed } from "../models/rows.js"
import { deadlinesToDo } from "../models/todo_model.js"
import { _ } from "../base/words.js"

const REVEALED = "revealed"

/** Return [verb, declaration] of every act of a kind that people say of a record that exists. */
export function actsOf(ask, kind) {
  const { acts, posts } = ask.world.declarations
  return Object.entries(acts)
    .map(([name, act]) => [name.split("."), act])
    .filter(([[type, verb], act]) => type === kind.name && !act.creates && verb !== REVEALED)
    .filter(([, { who }]) => who.some(post => post === "anybody" || post in posts))
    .map(([[, verb], act]) => [verb, act])
}

/** Return [verb, declaration] of the first act that makes a record and that this person may say, or []. */
export function makingOf(ask, kind) {
  const found = Object.entries(ask.world.declarations.acts).find(
    ([name, act]) => act.creates && name.startsWith(`${kind.name}.`) && may(ask, name),
  )
  return found ? [found[0].split(".")[1], found[1]] : []
}

/** Return the verb that a word of an address names: an act's own word, or the verb itself. */
export function verbOf(ask, kind, word) {
  const found = actsOf(ask, kind).find(
    ([verb, act]) => (act.path || verb) === word || verb === word,
  )
  return found?.[0] ?? ""
}

const fits = (act, record) => act.when === null || matches(act.when, record)

/** Whether a person may say an act of this record now: its guard, their posts, their hands. */
export const isFree = (ask, kind, record, [verb, act]) =>
  fits(act, record) && may(ask, `${kind.name}.${verb}`) && maySay(act, record, ask.person._id)

/**
 * Return [verb, declaration] of the act that saves what an act of a whole sheet has so far, or null: it says
 * of the same items, and does not ask for all of them.
 */
export function soFarOf(ask, kind, record, { needs_all: sheet = [], asks }) {
  const isPart = ([, act]) =>
    !act.needs_all?.length &&
    sheet.every(name => act.asks.includes(name)) &&
    isWithin(act.asks, asks)
  const found = sheet.length && record ? actsOf(ask, kind).filter(isPart) : []
  return found.find(one => isFree(ask, kind, record, one)) ?? null
}

const isWithin = (some, all) => some.every(one => all.includes(one))

// Said already: its stamps are there, and it moves nothing any more.
const isSaid = (act, record) => act.stamps.length > 0 && act.stamps.every(name => name in record)

// Whether an act leads further; what is counted may always be said once more.
const leadsOn = ({ stamps, sets, adds = {} }) =>
  stamps.length > 0 || "state" in sets || Object.keys(adds).length > 0

/**
 * Return {next, others, barred}: [verb, declaration] of the one thing to do now or null, of what else may
 * be done, and of the act that would be next but must wait for something.
 *
 * A clock that runs says what is next; without one it is the first act that leads further. Of what is in
 * force or over nothing is next unless a clock asks for it: a withdrawal is no next step.
 */
export function choicesFor(ask, kind, record) {
  if (isGone(record)) return { next: null, others: [], barred: null }
  const all = actsOf(ask, kind)
  const free = all.filter(one => isFree(ask, kind, record, one))
  const isAtWork = Object.keys(kind.open_when).length && matches(kind.open_when, record)
  const answers = deadlinesToDo([record], ask.world, ask.person)
    .filter(({ state }) => isAtWork || state !== "calm")
    .flatMap(({ ladder }) => ask.world.declarations.ladders[ladder].answers)
  const asked = answers.map(verb => free.find(one => one[0] === verb && !isSaid(one[1], record)))
  const leads = ([, act]) => !isSaid(act, record) && leadsOn(act)
  const next = asked.find(Boolean) ?? (isAtWork ? free.find(leads) : null) ?? null
  const others = free.filter(one => one !== next)
  const waiting = all.filter(
    one => !free.includes(one) && waits(one[1], record) && canCome(ask, kind, record, one[1]),
  )
  // What is for others to say is of interest only where nothing is left for this person.
  const isPost = ([verb]) => may(ask, `${kind.name}.${verb}`)
  const isMine = one => isPost(one) && maySay(one[1], record, ask.person._id)
  const barred = waiting.find(isMine) ?? (next ? null : (waiting.find(isPost) ?? waiting[0]))
  return { next, others, barred: barred ?? null }
}

// Whether what an act waits for is still to be said: what a record was made with does not change.
function canCome(ask, kind, record, { when }) {
  const said = Object.entries(ask.world.declarations.acts)
    .filter(([name, act]) => name.startsWith(`${kind.name}.`) && !act.creates)
    .flatMap(([, { asks, stamps, sets, adds = {} }]) => [
      ...[...asks, ...stamps],
      ...Object.keys({ ...sets, ...adds }),
    ])
  return conditions(when).every(
    ([name, want]) => said.includes(name) || matches({ [name]: want }, record),
  )
}

const conditions = when =>
  Object.entries(when ?? {}).filter(([name]) => name !== "state" && !name.startsWith("$"))

// Whether it is this act's turn by the state, and something else is missing.
function waits(act, record) {
  if (isSaid(act, record) || !(act.gate || act.only_by?.length || act.not_by?.length)) return false
  const state = act.when?.state
  return state === undefined || matches({ state }, record)
}

/**
 * Return what must be true before an act, in order: {label, steps: [{words, about, at, state: met | now |
 * ahead}], missing: what its button says instead}.
 */
export function gateOf(ask, kind, record, [verb, act]) {
  const steps = conditions(act.when)
    .map(([name, want]) => conditionOf(ask, kind, record, name, want))
    .filter(({ met, said }) => said || !met) // what a record simply is, is no step
  const isByHands = !steps.length
  const hands = handsOf(ask, kind, record, verb, act)
  steps.push(...(isByHands ? hands.filter(step => !step.met) : hands))
  const first = steps.findIndex(step => !step.met)
  const missing = steps.filter(step => !step.met).length
  const label = ask.say(act.label)
  const alone = isByHands && missing === 1 && label + ask.say(_(": ")) + steps[0].words
  return {
    ...{ label, alone },
    steps: steps.map(({ met, words, about, at }, n) => ({
      ...{ words, about, at },
      state: met ? "met" : n === first ? "now" : "ahead",
    })),
    missing:
      alone || (missing ? ask.say(_("%(act)s: %(n)s missing"), { act: label, n: missing }) : label),
  }
}

function conditionOf(ask, kind, record, name, want) {
  const met = matches({ [name]: want }, record)
  const stamping = Object.entries(ask.world.declarations.acts).find(
    ([full, { stamps }]) => full.startsWith(`${kind.name}.`) && stamps.includes(name),
  )
  const who = met ? titleOf(ask, record.setters[name]?.[1]) : ""
  if (stamping) {
    return {
      ...{ met, said: true },
      words: actLabel(ask, stamping[0]),
      about: who,
      at: met ? clock(record[name]) : "",
    }
  }
  const wanted = typeof want === "string" ? labelOf(ask, kind.name, name, want) : ""
  const words = [fieldLabel(ask, kind.name, name), wanted].filter(Boolean).join("·")
  return { met, words, about: who, at: "" }
}

function handsOf(ask, kind, record, verb, act) {
  const { only_by: only = [], not_by: not = [], who } = act
  const steps = []
  if (!may(ask, `${kind.name}.${verb}`)) {
    const { posts } = ask.world.declarations
    const named = who.map(post => ask.say(posts[post] ?? "")).filter(Boolean)
    const words = ask.say(_("For %(posts)s to say"), { posts: listed(ask, named) })
    steps.push({ met: false, words, about: "", at: "" })
  }
  for (const [names, sentence] of [
    [only, _("Only %(names)s may say this")],
    [not, _("Somebody other than %(names)s says this")],
  ]) {
    if (!names.length) continue
    const hands = { only_by: names === only ? only : [], not_by: names === not ? not : [] }
    const met = maySay(hands, record, ask.person._id)
    const people = names.flatMap(name => record[name] ?? []).map(id => titleOf(ask, id))
    const words = ask.say(sentence, { names: listed(ask, people.filter(Boolean)) || "—" })
    steps.push({ met, words, about: "", at: "" })
  }
  return steps
}

const titleOf = (ask, id) => (id && ask.world.reference(id)?.title) || ""
