// Alarms: which deadlines of this person have passed, for which of them it rings now, and when next.
//
// The visible page asks and rings for what `ring` names (web/scripts/alarm.js). A rung rings when it is
// reached, and one that is counted in minutes again after `alarm.again_after`, until it is done: nobody
// stands beside a complaint of five days. What was named is stored, so that a reload rings nothing twice;
// but only if it could be heard: a page that nobody has touched yet may not make a sound. `bar` is what is
// due, a line for each ladder of a record, the worst first; what does not ring again leaves it.

import { deviceNow } from "../base/clock.js"
import { DAY } from "../rules/display_format.js"
import { json } from "../base/responses.js"
import { runningDeadlines } from "../models/deadlines.js"
import * as store from "../store/store.js"
import { _ } from "../base/words.js"
import { hrefOf, isMine } from "../models/reference.js"
import { nameOf } from "../models/rows.js"

const SECOND = 1000

const MINUTES = ["s", "min"] // units of deadlines that somebody stands beside

/** POST /floor/alarms, with `heard` set if a sound is possible: {now, ring, bar, next_at, close}. */
export async function alarms(ask) {
  const { reached, nextAt } = dueNow(ask)
  const now = deviceNow()
  const rung = store.meta("rung") ?? {}
  const again = ask.world.settings["alarm.again_after"].value * SECOND
  const ago = ({ key }) => (key in rung ? now - rung[key] : null)
  const ring = reached.filter(one => ago(one) === null || (one.repeats && ago(one) >= again))
  const heard = Boolean(ask.form?.get("heard"))
  if (ring.length && heard) {
    // A deadline that was done a day ago is forgotten; without this the list would grow for ever.
    const due = new Set(reached.map(one => one.key))
    const still = Object.entries(rung).filter(([key, at]) => due.has(key) || now - at < DAY)
    for (const one of ring) still.push([one.key, now])
    await store.remember({ rung: Object.fromEntries(still) })
  }
  const shown = reached.filter(one => one.repeats || ago(one) === null || ago(one) < again)
  const pending = shown.filter(one => !ring.includes(one)).map(one => again - ago(one))
  if (ring.length && heard) pending.push(again)
  const moments = [nextAt, ...pending.map(wait => ask.now + Math.max(0, wait))]
  const next_at = moments.filter(at => at !== null).sort((a, b) => a - b)[0] ?? null
  return json({ now: ask.now, ring, bar: barOf(shown), next_at, close: ask.say(_("Close")) })
}

// Of each ladder of a record only the highest rung: first what somebody stands beside, then what is passed
// up, then what is longest overdue.
function barOf(reached) {
  const highest = new Map()
  for (const one of reached) {
    const key = `${one.record} ${one.ladder}`
    if ((highest.get(key)?.rung ?? 0) < one.rung) highest.set(key, one)
  }
  const isUp = one => (one.rung > 1 ? 0 : 1)
  return [...highest.values()].sort(
    (a, b) => b.repeats - a.repeats || isUp(a) - isUp(b) || a.due_at - b.due_at,
  )
}

/**
 * Return {reached: this person's passed deadlines, the latest first, nextAt: ms of the next one or
 * null}.
 */
export function dueNow(ask) {
  const { now } = ask.world
  const reached = []
  let nextAt = null
  for (const record of ask.world.running()) {
    for (const deadline of runningDeadlines(record, ask.world)) {
      if (!isMine(deadline, record, ask.person, ask.world)) continue
      if (deadline.due_at > now) nextAt = Math.min(nextAt ?? deadline.due_at, deadline.due_at)
      else reached.push(alarmOf(ask, record, deadline))
    }
  }
  reached.sort((one, other) => other.due_at - one.due_at)
  return { reached, nextAt }
}

function alarmOf(ask, record, deadline) {
  const { starts, rungs } = ask.world.declarations.ladders[deadline.ladder]
  const { again, label, until } = rungs[deadline.rung - 1]
  // By its start, not its deadline: a number that the office changes must not ring it a second time.
  const since = again ? deadline.due_at : record[until || starts]
  return {
    key: [record._id, deadline.ladder, deadline.rung, since].join(" "),
    record: record._id,
    title: record.title ? nameOf(ask, record) : (ask.world.reference(record.place)?.title ?? ""),
    place: ask.world.reference(record.place)?.title ?? "",
    words: ask.say(label),
    ladder: deadline.ladder,
    rung: deadline.rung,
    due_at: deadline.due_at,
    repeats: repeats(ask.world, deadline.ladder),
    href: hrefOf(record) || "/floor/todo",
  }
}

function repeats({ declarations, settings }, ladder) {
  const length = declarations.ladders[ladder].rungs[0].after?.[0]
  return MINUTES.includes(settings[length]?.unit)
}
