// Labels of declared fields, choices and acts in the person's language, and the lists (history, rooms,
// doctors) that screens of several features show alike. `ask` is the argument of every screen.
import { byName } from "../base/pinyin.js"
import { _ } from "../base/words.js"
import { isWithin } from "./reach.js"

const ENGINE = {
  undone: _("Taken back"),
  decided: _("Decided in the office"),
  edited: _("Corrected"),
  rung_reached: _("The clock ran out"),
  rung_annulled: _("It was done in time after all"),
  filled: _("Copied from what it belongs to"),
  merged: _("Merged with another entry"),
}

/** Return the label of a choice; the value itself for one that is not declared. */
export function labelOf(ask, kind, name, value) {
  const field = ask.world.declarations.records[kind].fields.find(one => one.name === name)
  const choice = field?.choices.find(one => one[0] === value)
  return choice ? ask.say(choice[1]) : value || ""
}

/** Return every declared choice of a field as [{value, label, chosen}]; `chosen` is a value or a list. */
export function choicesOf(ask, kind, name, chosen) {
  const field = ask.world.declarations.records[kind].fields.find(one => one.name === name)
  const all = Array.isArray(chosen) ? chosen : [chosen]
  return field.choices.map(([value, label]) => ({
    value,
    label: ask.say(label),
    chosen: all.includes(value),
  }))
}

/** Return whom a rung tells, in words to be translated: a post, or whom the record names. */
export function tellWords(world, who) {
  if (who.startsWith("{")) return _("whoever is named")
  const [post] = who.split("@")
  return post === "head" ? _("the head of the unit") : world.declarations.posts[post] || post
}

/** Return the label of a field of a kind of record. */
export function fieldLabel(ask, kind, name) {
  const field = ask.world.declarations.records[kind].fields.find(one => one.name === name)
  return field ? ask.say(field.label) : name
}

/** Return the label of an act by its full name, "waiting.water_given". */
export function actLabel(ask, name) {
  const declared = ask.world.declarations.acts[name]
  if (declared) return ask.say(declared.label)
  const verb = name.split(".")[1]
  return ENGINE[verb] ? ask.say(ENGINE[verb]) : name
}

/**
 * Return what happened to a record, newest first: [{at, sign, title, by: [name], undone, say, mark}].
 *
 * A record carries its last twenty acts; the whole history is on the server only.
 */
export function storyOf(ask, record) {
  const undone = new Set(record.acts.recent.filter(one => one.undone).map(one => one.id))
  const open = new Set(record.unsettled.map(one => one.act))
  return [...record.acts.recent].reverse().map(entry => ({
    at: entry.at,
    sign: ask.world.declarations.acts[entry.act]?.icon || "clock",
    title: actLabel(ask, entry.act),
    by: [ask.world.reference(entry.by)?.title || ask.say(_("the clock"))],
    undone: undone.has(entry.id),
    say: open.has(entry.id)
      ? ask.say(_("Does not fit what is on record: the office decides."))
      : rungOf(ask, record, entry),
    mark: ask.world.markOfAct ? ask.world.markOfAct(entry.id) : "",
  }))
}

// Returns what a reached rung called for, and who was told, joined; "" for any other act.
function rungOf(ask, record, entry) {
  if (!entry.act.endsWith(".rung_reached")) return ""
  for (const [ladder, steps] of Object.entries(record.rungs)) {
    const step = steps.find(one => one.at === entry.at)
    const rung = step && ask.world.declarations.ladders[ladder]?.rungs[step.rung - 1]
    if (!rung) continue
    const names = (step.told ?? []).map(id => ask.world.reference(id)?.title).filter(Boolean)
    return [ask.say(rung.label), names.join(ask.say(_(", ")))].filter(Boolean).join("·")
  }
  return ""
}

/** Return {field: how much of it is taken at most} of a kind's fields: letters, pictures, yuan. */
export function mostOf(ask, kind) {
  const { fields } = ask.world.declarations.records[kind]
  const most = ({ kind, max }) => max ?? (kind === "text" ? TEXT : 0)
  return Object.fromEntries(fields.map(field => [field.name, most(field)]))
}

const TEXT = 2_000 // letters where nothing is declared; rules/check_act.js has the same

/** Return problems {field: sentence} as [{name, say}], for the summary above a form. */
export function problemList(problems) {
  return Object.entries(problems).map(([name, say]) => ({ name, say }))
}

/** Return the rooms, desks and areas inside the places that this person looks after: 60 at most. */
export function roomsFor(ask) {
  return ask.world
    .referenceOf("place")
    .filter(place => ["room", "desk", "area"].includes(place.kind))
    .filter(place => isWithin(ask.world, ask.person, place._id))
    .sort(byOrder)
    .slice(0, 60)
}

/**
 * Return the people who may be named at a place as [{value, label, chosen}]: those chosen already, those
 * who look after it, then the others; who left is not offered.
 */
export function peopleFor(ask, place, chosen) {
  const rank = one => (chosen.includes(one._id) ? 0 : isNear(ask, one, place) ? 1 : 2)
  return ask.world
    .referenceOf("person")
    .filter(one => chosen.includes(one._id) || (one.active && one.posts?.length))
    .sort((one, other) => rank(one) - rank(other) || (one._id < other._id ? -1 : 1))
    .map(one => ({ value: one._id, label: one.title, chosen: chosen.includes(one._id) }))
}

const isNear = (ask, person, place) => isWithin(ask.world, person, place)

/** Return the doctors of a place or department, by department, rank and name; all if neither is named. */
export function doctorsFor(ask, place = "", department = "") {
  const all = ask.world.referenceOf("doctor").filter(doctor => doctor.active !== false)
  const here = all.filter(
    doctor => (place && doctor.place === place) || (department && doctor.department === department),
  )
  const { fields } = ask.world.declarations.records.doctor
  const ranks = fields.find(field => field.name === "rank").choices.map(([value]) => value)
  const heightOf = doctor => (doctor.rank ? ranks.indexOf(doctor.rank) : ranks.length)
  const departments = departmentsOf(ask, all)
  const placeOf = doctor => departments.indexOf(doctor.department) >>> 0 // none is the last one
  return (here.length ? here : place || department ? [] : all).sort(
    (a, b) => placeOf(a) - placeOf(b) || heightOf(a) - heightOf(b) || byName(a.title, b.title),
  )
}

/** Return the departments of some doctors, as their places are ordered, else by pinyin. */
export function departmentsOf(ask, doctors) {
  const order = new Map(ask.world.referenceOf("place").map(one => [one.department, one.order ?? 0]))
  const departments = [...new Set(doctors.map(one => one.department).filter(Boolean))]
  return departments.sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0) || byName(a, b))
}

export function byOrder(a, b) {
  return (a.order ?? 0) - (b.order ?? 0) || byName(a.title, b.title)
}
