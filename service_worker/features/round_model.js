// A ward as a round finds it: its beds in walking order, what was asked at each and when, and what became
// of what was heard. Beds are places, so all of it works where nobody entered who lies in them.

import { isWithin } from "../models/reach.js"
import { byOrder, labelOf } from "../models/labels.js"
import { hrefOf } from "../models/reference.js"
import { isGone, LEVELS, maskedNameOf, nameOf } from "../models/rows.js"
import { keyId } from "../rules/act.js"
import { DAY, MINUTE } from "../rules/display_format.js"
import { add, localDay } from "../rules/worktime.js"
import * as store from "../store/store.js"
import { _ } from "../base/words.js"

const MOST = 600 // stays, and what was asked at the beds of one ward
const WEEK = 7
const THURSDAY = 3 // the weekday of day 0, from Monday on
const FACES = ["frown", "meh", "smile", "laugh"] // of the four levels, from the worst
const CLOSED = ["told_at", "dropped_at", "done_at", "confirmed_at", "dismissed_at", "settled_at"]
/** The links of a bedside to what was made of it. */
export const MADE = ["made_opinion", "made_task", "made_praise", "made_complaint"]

/** Return the wards that somebody walks: their own; all where they look after none. */
export function wardsOf(ask) {
  const all = ask.world.referenceOf("place").filter(place => place.kind === "ward")
  const own = all.filter(ward => isWithin(ask.world, ask.person, ward._id))
  return (own.length ? own : all).sort(byOrder)
}

/** Return the beds of a ward in the order of the house. */
export const bedsOf = (ask, ward) =>
  ask.world
    .referenceOf("place")
    .filter(place => place.kind === "bed" && wardOf(ask, place) === ward)
    .sort(byOrder)

/** Return the id of the ward that a bed stands in, directly or in a room of it. */
export function wardOf(ask, bed) {
  const near = ask.world.reference(bed?.inside)
  return near && near.kind !== "ward" ? near.inside : near?._id
}

const value = (ask, key) => ask.world.settings[key]?.value

// The rounds of a ward

/**
 * Return {id, data, record} of the round that is walked now: the week's, and once that is finished the
 * one of this part of the day. Its id comes from ward, day and shift, whoever begins it.
 */
export async function roundOf(ask, ward) {
  const today = localDay(ask.now, ask.world.calendar)
  const first = (value(ask, "round.week_from") ?? 1) - 1
  const day = today - ((((today + THURSDAY) % WEEK) - first + WEEK) % WEEK)
  const week = await known({ ward, day, shift: "week" })
  if (!isOver(week.record)) return week
  return known({ ward, day: today, shift: shiftOf(ask) })
}

async function known(data) {
  const id = keyId("round", [data.ward, data.day, data.shift])
  return { id, data, record: await store.get(id) }
}

export const isOver = record => ["finished", "reviewed"].includes(record?.state)

function shiftOf(ask) {
  const { offset } = ask.world.calendar
  const minute = Math.floor(((ask.now + offset * MINUTE) % DAY) / MINUTE)
  if (minute < value(ask, "clinic.morning_until")) return "morning"
  return minute < value(ask, "clinic.afternoon_until") ? "afternoon" : "night"
}

// Beds

/**
 * Return {ward, round, beds, next} of a ward. A bed is {place, stay, now (asked on this round), before
 * (asked earlier, the newest first, of the same patient), state, at}: done, passed, over, due, vacant or
 * "". `next` are the beds still to be asked in walking order: on from the last one, the overdue first.
 */
export async function wardOfRound(ask, ward) {
  const round = await roundOf(ask, ward._id)
  const asked = await newest("bedside.in_ward", [ward._id])
  const stays = (await newest("stay.in_hospital")).filter(one => !isGone(one))
  const lies = new Map(stays.map(one => [one.bed, one]))
  const at = Map.groupBy(asked, one => one.bed)
  const places = bedsOf(ask, ward._id)
  const isKnown = places.some(place => lies.has(place._id))
  const beds = places.map(place =>
    bedOf(ask, round, place, lies.get(place._id) ?? null, at.get(place._id) ?? [], isKnown),
  )
  return { ward, round, beds, next: walk(beds), asked: beds.filter(one => one.now) }
}

async function newest(name, parts = []) {
  const { records } = await store.list(name, { parts, limit: MOST, reverse: true })
  return records.filter(one => !isGone(one))
}

function bedOf(ask, round, place, stay, all, isKnown) {
  const now = all.find(one => one.round === round.id) ?? null
  const earlier = ofOnePatient(
    all.filter(one => one !== now),
    stay,
  )
  const before = now?.who === "new" ? [] : earlier
  const last = [now, ...before].find(one => one?.asked_at)
  const bed = { place, stay, now, before, last, at: last?.asked_at ?? null, state: "" }
  if (now) return { ...bed, state: now.state === "asked" ? "done" : "passed" }
  if (isKnown && !stay) return { ...bed, state: "vacant" }
  return { ...bed, state: overdue(ask, bed.at ?? stay?.admitted_at ?? null) }
}

// What the one before in this bed said is nobody else's: a stay has its own, and where there is none
// somebody says who is new.
function ofOnePatient(all, stay) {
  if (stay) {
    return all.filter(
      one => one.stay === stay._id || (!one.stay && one.opened_at >= stay.admitted_at),
    )
  }
  const newcomer = all.findIndex(one => one.who === "new")
  return newcomer < 0 ? all : all.slice(0, newcomer + 1)
}

// RD-01: a bed is due a week after it was asked, or somebody came to it.
function overdue(ask, since) {
  const every = ask.world.settings["round.every"]
  if (since === null || !every?.value) return ""
  const { calendar } = ask.world
  const due = add(since, every.value, every.unit, calendar)
  if (localDay(due, calendar) < localDay(ask.now, calendar)) return "over"
  return localDay(due, calendar) === localDay(ask.now, calendar) ? "due" : ""
}

function walk(beds) {
  const last = beds.reduce(
    (at, bed, n) => (bed.now && bed.now.opened_at >= (beds[at]?.now?.opened_at ?? 0) ? n : at),
    -1,
  )
  const open = [...beds.slice(last + 1), ...beds.slice(0, last + 1)].filter(
    ({ state }) => !["done", "passed", "vacant"].includes(state),
  )
  const isLate = ({ state }) => state === "over" || state === "due"
  return [...open.filter(isLate), ...open.filter(bed => !isLate(bed))]
}

/** Return how many beds have somebody in them, were asked, and lack an answer on this round. */
export function countsOf({ beds }) {
  const taken = beds.filter(({ state, now }) => state !== "vacant" && now?.not_asked !== "empty")
  const asked = taken.filter(({ state }) => state === "done").length
  return { beds: taken.length, asked, open: taken.filter(({ now }) => !now).length }
}

/** Return what a finished round says of its beds: {beds, left}; left is what falls short. */
export function leftOf(ask, whole) {
  const { beds, asked } = countsOf(whole)
  const wanted = Math.ceil((beds * (value(ask, "round.beds_at_least") ?? 0)) / 100)
  return { beds, left: Math.max(0, wanted - asked) }
}

/** Return the tile of a bed: {href, label, name, side, side_state, state, sign, current}. */
export function tileOf(ask, whole, bed, current) {
  const { place, stay, state, last } = bed
  const score = last?.satisfied ? ask.say(LEVELS[last.satisfied - 1]) : ""
  const words = {
    over: () => ask.say(_("%(n)s days not asked"), { n: days(ask, bed.at ?? stay.admitted_at) }),
    due: () => ask.say(_("due today")),
    done: () => [score, ask.clock(bed.now.asked_at)].filter(Boolean).join("·"),
    passed: () => labelOf(ask, "bedside", "not_asked", bed.now.not_asked),
    vacant: () => "",
  }
  const isNew = stay && !last && days(ask, stay.admitted_at) < 2
  const plain = isNew
    ? ask.say(_("new here"))
    : [agoWords(ask, bed.at), score].filter(Boolean).join("·")
  const since = stay
    ? ask.say(_("here since %(ago)s"), { ago: agoWords(ask, stay.admitted_at) })
    : ""
  const leaving = last?.who === "leaving" ? ask.say(_("goes home soon")) : ""
  return {
    href: bedHref(whole, place),
    label: place.title,
    name: stay ? maskedNameOf(ask, "stay", stay) : state === "vacant" ? ask.say(_("Free bed")) : "",
    side: words[state] ? words[state]() : leaving || plain || since,
    state: state === "passed" ? "" : state,
    sign:
      state === "done"
        ? "check"
        : last?.satisfied && state !== "vacant"
          ? FACES[last.satisfied - 1]
          : "",
    current: place._id === current,
  }
}

/** The page of a bed on the round of its ward. */
export const bedHref = ({ ward }, place) =>
  `/floor/round/${ward._id.split(":")[1]}/bed/${place._id.split(":")[1]}`

const days = (ask, at) => localDay(ask.now, ask.world.calendar) - localDay(at, ask.world.calendar)

/** Return how long ago something was, in days; "" for never. */
export function agoWords(ask, at) {
  if (at === null) return ""
  const n = days(ask, at)
  if (n < 1) return ask.say(_("today"))
  return n === 1 ? ask.say(_("yesterday")) : ask.say(_("%(n)s days ago"), { n })
}

// What became of it

/**
 * Return what became of what was heard at a bed, the newest first: [{words, kind, state, result, href,
 * tell}]. What was over before somebody asked last was said already. `tell` is an opinion that has an
 * answer which the patient does not know.
 */
export async function becameOf(ask, bed) {
  const told = bed.before.find(one => one.asked_at)?.asked_at ?? 0
  const found = []
  for (const one of [bed.now, ...bed.before.slice(0, 4)].filter(Boolean)) {
    for (const made of await madeOf(one)) {
      const closed = Math.max(0, ...CLOSED.map(name => made[name] ?? 0))
      if (!closed || closed > told || one === bed.now) found.push(becameLine(ask, one, made))
    }
  }
  return found
}

async function madeOf(bedside) {
  const ids = new Set(MADE.map(name => bedside[name]).filter(Boolean))
  if (bedside.doctor_visited === "absent") ids.add(opinionId(bedside._id, "doctor_visit"))
  const records = await Promise.all([...ids].map(id => store.get(id)))
  return records.filter(one => one && !isGone(one))
}

/** The id of the opinion that comes of a bed about one thing: two people make the same. */
export const opinionId = (bedside, about) => keyId("opinion", [bedside, about])

function becameLine(ask, bedside, made) {
  const declared = ask.world.declarations.records[made.type]
  const state = declared.states.find(([name]) => name === made.state)
  return {
    words: made.words || bedside.words || nameOf(ask, made),
    kind: ask.say(declared.label),
    state: state ? ask.say(state[1]) : "",
    result: made.measures ?? made.result ?? made.response ?? "",
    ago: agoWords(ask, bedside.opened_at),
    href: hrefOf(made),
    tell: made.type === "opinion" && made.state === "answered" ? made : null,
  }
}

/** Return what was heard on this round so far: [{label, words, kind, href}]. */
export async function heardOn(ask, whole) {
  const heard = []
  for (const bed of whole.asked) {
    for (const made of await madeOf(bed.now)) {
      const { words, kind, state, href } = becameLine(ask, bed.now, made)
      heard.push({ label: bed.place.title, words, kind, state, href })
    }
  }
  return heard
}

/** Return what somebody likes and needs, as far as they agreed that it is remembered. */
export const preferencesOf = bed =>
  [bed.now, ...bed.before].find(one => one?.consent === "yes" && one.preferences)?.preferences ?? ""
