// View models of a complaint: the text that is read back and signed, the promised dates, the slip, the
// ladders. Pure functions: `say` translates, `world` has settings, calendar and the moment; moments are
// ms.
import {
  dayWords,
  endsAtClosing,
  ladderOf,
  lengthWords,
  momentWords,
  runningDeadlines,
  stateOf,
  weekdayWords,
} from "../models/deadlines.js"
import {
  clock,
  dateParts,
  DAY,
  maskName,
  maskPhone,
  MINUTE,
  thousands,
} from "../rules/display_format.js"
import { strip } from "../rules/worktime.js"
import { _ } from "../base/words.js"

export { flatStrokes, strokesPath } from "../models/signatures.js"

const RESPONSE = "complaint_response"
const solving = record => `complaint_solve_${record.severity || "general"}`

// What is read back to the person who complains

/**
 * Return {parts, after}, each [{words, strong?}] in reading order: the text that is read back and
 * signed.
 *
 * `values`: {name, title, place, waited: {since, place} or null, reasons: [label], words, wanted:
 * [label], amount, photos and recordings (how many), answer (when the first answer is due, in words)}.
 */
export function readBack(values, say) {
  const parts = []
  const tell = (sentence, values) => parts.push(...filled(say(sentence), values))
  if (values.name) tell(_("You are %(who)s. "), { who: strong(whoWords(values, say)) })
  if (values.waited) {
    const { since, place } = values.waited
    tell(_("You have been waiting at %(place)s since %(since)s. "), {
      place: strong(place),
      since: strong(since),
    })
  }
  if (values.place) tell(_("This is about: %(place)s. "), { place: strong(values.place) })
  if (values.reasons.length) {
    tell(_("You are not content with: %(reasons)s. "), { reasons: listed(values.reasons, say) })
  }
  if (values.words) tell(_("You say: “%(words)s” "), { words: [{ words: values.words }] })
  if (values.wanted.length) {
    tell(_("You ask us for: %(wanted)s. "), { wanted: listed(values.wanted, say) })
  }
  if (values.amount) {
    tell(_("It is about %(amount)s yuan. "), { amount: strong(thousands(values.amount)) })
  }
  if (values.photos) {
    tell(values.photos === 1 ? _("You hand us one photo. ") : _("You hand us %(n)s photos. "), {
      n: strong(String(values.photos)),
    })
  }
  if (values.recordings) tell(_("We keep your words as a recording as well. "))
  if (parts.length === 0) return { parts, after: [] }
  const after = filled(say(_("You will have a first answer on %(moment)s.")), {
    moment: strong(values.answer),
  })
  return { parts, after }
}

/** Return the text that a signature is bound to: exactly what the screen shows to be read. */
export function textOf({ parts, after }) {
  return [parts, after]
    .map(list => list.map(one => one.words).join(""))
    .join("\n")
    .trim()
}

/** Return title and name in the order of the language: Ms Patigul. */
export function whoWords({ name, title }, say) {
  return name && title ? say(_("%(title)s %(name)s"), { title, name }) : name || title || ""
}

const strong = words => [{ words, strong: true }]

function listed(labels, say) {
  const between = { words: say(_(", ")) }
  return labels.flatMap((label, n) => [...(n ? [between] : []), ...strong(label)])
}

// Returns the sentence as parts, those of `values` in the place of each %(name)s.
function filled(sentence, values) {
  return sentence
    .split(/%\((\w+)\)s/)
    .flatMap((piece, n) => (n % 2 ? values[piece] : piece ? [{ words: piece }] : []))
}

// What is promised

/**
 * Return {answer_at, answer, solve_at, solve, days}: what is promised to a complaint {taken_at,
 * severity}; the moments in ms and in words, and the length of time for its solution in words.
 */
export function promises(record, world, say) {
  const started = { ...record, type: "complaint", state: "open" }
  const [answer] = ladderOf(started, RESPONSE, world)
  const [solve] = ladderOf(started, solving(record), world)
  const [limit] = world.declarations.ladders[solving(record)].rungs[0].after
  return {
    answer_at: answer.due_at,
    answer: beforeWords(answer.due_at, false, say),
    solve_at: solve.due_at,
    solve: beforeWords(solve.due_at, endsAtClosing(world, solving(record), 1), say),
    days: lengthWords(say, world.settings[limit]),
  }
}

function beforeWords(at, closing, say) {
  if (at === null) return ""
  if (closing) return say(_("%(day)s before closing"), { day: dayWords(say, at) })
  return say(_("%(day)s before %(clock)s"), { day: dayWords(say, at), clock: clock(at) })
}

/** Return the client's slip {house, number, lines, foot}. C-15: never the internal form. */
export function slip(record, world, say, severity) {
  const promised = promises(record, world, say)
  const site = world.referenceOf("place").find(place => place.kind === "site")
  const lines = [
    {
      words: say(_("Your complaint is taken. First answer: ")),
      strong: promised.answer,
    },
    { words: say(_("Solved: ")), strong: promised.solve },
    {
      words: [severity, promised.days].filter(Boolean).join("·"),
    },
  ]
  return {
    house: say(_("%(house)s·Customer service"), { house: site?.title || "" }),
    number: record.number,
    lines: lines.filter(line => line.words || line.strong),
    foot: say(_("Ask at any guide desk with this number; it stays the same.")),
  }
}

// What is next

/** Whether the words were corrected after they were signed: the signature is for the text before. */
export function correctedSince(record) {
  const setter = record.setters?.words
  return Boolean(record.signature && setter && setter[0] !== record.acts.first)
}

/** Return the deadline that matters now, {ladder, due_at, over_at, state}, or null when none runs. */
export function nextDeadline(record, world) {
  const running = runningDeadlines(record, world)
  const first = running.find(one => one.rung === 1)
  if (!first) return null
  const second = running.find(one => one.ladder === first.ladder && one.rung === 2)
  return {
    ladder: first.ladder,
    due_at: first.due_at,
    over_at: second?.due_at ?? null,
    state: stateOf(running, first.ladder, world.now),
  }
}

/**
 * Return a ladder's rungs for the drawing, from the top down; `named(id)` gives the words for who is
 * told.
 */
export function rungs(record, name, world, say, named) {
  const all = ladderOf(record, name, world)
  const now = all.findIndex(rung => rung.runs && !rung.step)
  return all
    .map((rung, n) => {
      const passed = rung.runs && rung.due_at !== null && rung.due_at <= world.now
      const before = n ? all[n - 1].due_at : record.taken_at
      return {
        step: n + 1,
        title: say(rung.label),
        side: rung.due_at ? momentWords(say, rung.due_at, world.now, world.calendar) : "",
        side_state: passed ? (n ? "over" : "due") : null,
        about: toldWords(rung, say, named),
        state: rung.step ? "done" : n === now ? "now" : "ahead",
        percent: n === now && rung.due_at ? percent(before, rung.due_at, world.now) : null,
      }
    })
    .reverse()
}

function toldWords(rung, say, named) {
  const names = (rung.step?.told ?? []).map(named).filter(Boolean)
  if (names.length) return say(_("told %(names)s"), { names: names.join(say(_(", "))) })
  const posts = rung.tell.map(named).filter(Boolean)
  return rung.runs && posts.length
    ? say(_("tells %(names)s"), { names: posts.join(say(_(", "))) })
    : ""
}

function percent(start, end, now) {
  if (end <= start) return 100
  return Math.max(0, Math.min(100, Math.floor(((now - start) * 100) / (end - start))))
}

/** Return why the solution is due that day, a box for each day; none for more than MANY_DAYS. */
export function dayStrip(record, world, say) {
  const [first] = ladderOf(record, solving(record), world)
  if (!first.due_at || !endsAtClosing(world, solving(record), 1)) return []
  const days = strip(record.taken_at, first.due_at, world.now, world.calendar)
  if (days.length > MANY_DAYS) return []
  return days.map(one => {
    const at = one.day * DAY - world.calendar.offset * MINUTE
    return {
      day: dateParts(at)[2],
      weekday: weekdayWords(say, at),
      mark: dayMark(one, world, say),
      kind: dayKind(one),
      today:
        one.day * DAY <= world.now + world.calendar.offset * MINUTE &&
        !one.ahead &&
        isLast(one, days),
    }
  })
}

const MANY_DAYS = 16 // boxes; a longer strip is left out

const isLast = (one, days) => days.findLast(day => !day.ahead) === one

function dayKind(one) {
  if (one.kind === "work" || one.kind === "extra") return one.ahead ? "ahead" : one.kind
  return "off"
}

function dayMark(one, world, say) {
  if (one.kind === "received") return say(_("rec."))
  if (one.n) return String(one.n)
  return world.calendar.off.includes(one.day) ? say(_("hol.")) : say(_("off"))
}

/** Return a line of the list: {id, href, name, name_note, about, side, side_state, mark, …}. */
export function row(record, world, say, title) {
  const next = nextDeadline(record, world)
  return {
    id: "complaint-" + record._id.split(":")[1],
    record: record._id,
    href: "/floor/complaint/" + record._id.split(":")[1],
    name: whoWords({ name: maskName(record.name), title }, say) || say(_("Did not say who")),
    name_note: record.number || "",
    about: record.words || "",
    due_at: next?.due_at ?? null,
    side: next ? momentWords(say, next.due_at, world.now, world.calendar) : "",
    side_state: next && next.state !== "calm" ? next.state : "",
    mark: world.mark(record._id),
    phone: maskPhone(record.phone),
    current: false,
  }
}

/** Return lines in order: open complaints by what is due first, then the others, the latest first. */
export function order(rows) {
  return [...rows].sort(
    (a, b) => (a.due_at ?? Infinity) - (b.due_at ?? Infinity) || (a.record < b.record ? 1 : -1),
  )
}
