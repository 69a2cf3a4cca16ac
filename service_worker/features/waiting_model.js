// View model of a waiting person's card: pure functions of the record and of `world` (declarations,
// settings, reference data, the moment).
import { runningDeadlines } from "../models/deadlines.js"

const WATER = "waiting_water"
const ENQUIRY = "waiting_enquiry"
const FIRST = { emergency: 0, critical: 1 } // G-16; everybody else is equal

/**
 * Return the card of a wait. `world`: {now (ms), declarations, settings, calendar, reference: id → record,
 * mark: id → kept|sent|refused, actId: () → a new act id}. Moments and lengths in the card are ms.
 */
export function card(record, world) {
  const running = runningDeadlines(record, world)
  const water = running.filter(deadline => deadline.ladder === WATER)
  const enquiry = running.filter(deadline => deadline.ladder === ENQUIRY)
  const step = nextStep(record, water, enquiry, world.now)
  const ladder =
    step === "enquire" ? enquiry : step === "water" ? water : water.length ? water : enquiry
  const [first, second] = ladder
  const state = stateOf(ladder, world.now)
  return {
    id: "card-" + record._id.split(":")[1],
    record: record._id,
    name: record.name || "",
    salutation: record.salutation || "",
    note: record.note || "",
    place: named(record.place, world),
    doctor: named(record.doctor, world),
    doctor_rank: world.reference(record.doctor)?.rank || "",
    needs_help: record.needs_help || [],
    priority: record.priority || "normal",
    started_at: record.started_at,
    water_at: record.water_at ?? null,
    doctor_says: record.doctor_says || "",
    due_at: first ? first.due_at : null,
    over_at: second ? second.due_at : null,
    state,
    step,
    late: state === "calm" ? 0 : world.now - first.due_at,
    left: first ? Math.max(0, first.due_at - world.now) : 0,
    to: water.length ? "water" : enquiry.length ? "enquire" : "go_in",
    told: toldLines(record, running, world),
    stamps: stamps(record, world),
    missing: ["asked_at", "told_at", "explained_at"].filter(stamp => !record[stamp]).length,
    full: moment(world, "waiting.enquire_after", record) - record.started_at,
    tick_percent: tick(world, record),
    seen: record.acts.last,
    act_id: world.actId(),
    href: "/floor/waiting/" + record._id.split(":")[1],
    mark: world.mark(record._id),
    unsettled: record.unsettled.length,
  }
}

// W-02, W-03, W-09: the enquiry is due at its own moment, even if water was never given.
function nextStep(record, water, enquiry, now) {
  if (enquiry.length && enquiry[0].due_at <= now) return "enquire"
  if (water.length) return "water"
  return "go_in"
}

function stateOf(ladder, now) {
  const reached = ladder.filter(deadline => deadline.due_at <= now)
  if (!reached.length) return "calm"
  return reached.some(deadline => deadline.rung > 1) ? "over" : "due"
}

// Who was told, as far as this tablet knows, and who is next.
function toldLines(record, running, world) {
  const lines = []
  for (const [ladder, steps] of Object.entries(record.rungs)) {
    for (const step of steps) {
      if (step.rung < 2 || step.annulled_at) continue
      const post = world.declarations.ladders[ladder]?.rungs[step.rung - 1]?.tell[0] ?? ""
      for (const person of step.told || []) {
        lines.push({ at: step.at, name: named(person, world), post, done: true, ladder })
      }
    }
  }
  for (const deadline of running) {
    if (deadline.rung < 2 || climbed(record, deadline)) continue
    const reached = running.some(
      other => other.ladder === deadline.ladder && other.due_at <= world.now,
    )
    if (!reached) continue
    lines.push({
      at: deadline.due_at,
      name: "",
      post: deadline.tell[0],
      done: false,
      ladder: deadline.ladder,
    })
  }
  return lines.sort((a, b) => a.at - b.at).slice(0, 3)
}

function climbed(record, deadline) {
  return (record.rungs[deadline.ladder] || []).some(step => step.rung === deadline.rung)
}

function stamps(record, world) {
  let next = true
  return [
    ["doctor_asked", "asked"],
    ["assistant_told", "told"],
    ["explained", "explained"],
  ].map(([verb, stem]) => {
    const at = record[stem + "_at"] ?? null
    const state = at ? "done" : next ? "next" : "ahead"
    if (!at) next = false
    return { verb, at, by: named(record[stem + "_by"], world), state, act_id: world.actId() }
  })
}

function named(id, world) {
  return (id && (world.reference(id)?.title || "")) || ""
}

function moment(world, key, record) {
  const setting = world.settings[key]
  const lengths = { s: 1_000, min: 60_000, h: 3_600_000 }
  return record.started_at + setting.value * lengths[setting.unit]
}

function tick(world, record) {
  const full = moment(world, "waiting.enquire_after", record) - record.started_at
  const water = moment(world, "waiting.water_after", record) - record.started_at
  return full ? Math.floor((water * 100) / full) : 0
}

/**
 * Return the cards in the order of the list. W-07: what is due comes first, then who waits longest;
 * G-16: among those of one state, priority goes first.
 */
export function order(cards) {
  const rank = { over: 0, due: 1, calm: 2, paused: 2 }
  return [...cards].sort(
    (a, b) =>
      rank[a.state] - rank[b.state] ||
      (FIRST[a.priority] ?? 2) - (FIRST[b.priority] ?? 2) ||
      a.started_at - b.started_at ||
      (a.record < b.record ? -1 : 1),
  )
}

/** Return how many wait at each place, [{label, count}], the most first. */
export function places(cards) {
  const counts = new Map()
  for (const one of cards) counts.set(one.place, (counts.get(one.place) || 0) + 1)
  return [...counts]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .map(([label, count]) => ({ label, count }))
}
