// What screens of more than one feature show the same way: labels, histories, rooms, doctors.
import { _ } from "../base/words.js"

const ENGINE = {
  undone: _("Taken back"),
  decided: _("Decided in the office"),
  edited: _("Corrected"),
  rung_reached: _("The clock ran out"),
  rung_annulled: _("It was done in time after all"),
}

// The label of a choice in the person's language; the value itself when nobody declared it.
export function labelOf(ask, kind, name, value) {
  const field = ask.world.declarations.records[kind].fields.find(one => one.name === name)
  const choice = field?.choices.find(one => one[0] === value)
  return choice ? ask.say(choice[1]) : value || ""
}

// Options for chips: every declared choice of a field.
export function choicesOf(ask, kind, name, chosen) {
  const field = ask.world.declarations.records[kind].fields.find(one => one.name === name)
  const all = Array.isArray(chosen) ? chosen : [chosen]
  return field.choices.map(([value, label]) => ({
    value,
    label: ask.say(label),
    chosen: all.includes(value),
  }))
}

export function fieldLabel(ask, kind, name) {
  const field = ask.world.declarations.records[kind].fields.find(one => one.name === name)
  return field ? ask.say(field.label) : name
}

// The label of an act, in the person's language.
export function actLabel(ask, name) {
  const declared = ask.world.declarations.acts[name]
  if (declared) return ask.say(declared.label)
  const verb = name.split(".")[1]
  return ENGINE[verb] ? ask.say(ENGINE[verb]) : name
}

// What happened to a record, the newest first, as far as the record itself remembers.
export function storyOf(ask, record) {
  const taken = new Set(record.acts.recent.filter(one => one.undone).map(one => one.id))
  const open = new Set(record.unsettled.map(one => one.act))
  return [...record.acts.recent].reverse().map(entry => ({
    at: entry.at,
    sign: ask.world.declarations.acts[entry.act]?.icon || "clock",
    title: actLabel(ask, entry.act),
    by: [ask.world.reference(entry.by)?.title || ask.say(_("the clock"))],
    undone: taken.has(entry.id),
    say: open.has(entry.id)
      ? ask.say(_("Does not fit what is on record: the office decides."))
      : rungOf(ask, record, entry),
    mark: ask.world.markOfAct ? ask.world.markOfAct(entry.id) : "",
  }))
}

// What a clock called for, and who was told.
function rungOf(ask, record, entry) {
  if (!entry.act.endsWith(".rung_reached")) return ""
  for (const [ladder, steps] of Object.entries(record.rungs)) {
    const step = steps.find(one => one.at === entry.at)
    const rung = step && ask.world.declarations.ladders[ladder]?.rungs[step.rung - 1]
    if (!rung) continue
    const names = (step.told ?? []).map(id => ask.world.reference(id)?.title).filter(Boolean)
    return [ask.say(rung.label), ...names].join("·")
  }
  return ""
}

export function problemList(problems) {
  return Object.entries(problems).map(([name, say]) => ({ name, say }))
}

// Rooms and desks inside the places that this person looks after; all of them when none is named.
export function roomsFor(ask) {
  const mine = new Set(ask.person?.places || [])
  const rooms = ask.world
    .referenceOf("place")
    .filter(place => ["room", "desk", "area"].includes(place.kind))
  const near = rooms.filter(room => within(ask, room, mine))
  return (near.length ? near : rooms).sort(byOrder).slice(0, 60)
}

export function doctorsFor(ask, place = "", department = "") {
  const all = ask.world.referenceOf("doctor").filter(doctor => doctor.active !== false)
  const here = all.filter(
    doctor => (place && doctor.place === place) || (department && doctor.department === department),
  )
  return (here.length ? here : place || department ? [] : all).sort((a, b) =>
    a.title < b.title ? -1 : 1,
  )
}

function within(ask, place, mine) {
  for (let at = place, depth = 0; at && depth < 8; at = ask.world.reference(at.inside), depth++) {
    if (mine.has(at._id)) return true
  }
  return false
}

function byOrder(a, b) {
  return (a.order ?? 0) - (b.order ?? 0) || (a.title < b.title ? -1 : 1)
}
