// Alarms: which deadlines of this person have passed, which of them have not rung yet, and when is the
// next.
//
// The visible page asks and rings for what `ring` names (web/scripts/alarm.js). What was named once is
// stored, so that each rung of each record rings once, whatever is reloaded or restarted. `bar` is all
// that is due, with how long ago (ms) it rang.

import { deviceNow } from "../base/clock.js"
import { DAY } from "../rules/display_format.js"
import { json } from "../base/responses.js"
import { clocks } from "../rules/ladder.js"
import * as store from "../store/store.js"
import { _ } from "../base/words.js"
import { hrefOf, isMine } from "../models/reference.js"

/** POST /floor/alarms: JSON {now, ring: [deadline], bar: [deadline with rang_ago], next_at, close}. */
export async function alarms(ask) {
  const { reached, nextAt } = dueNow(ask)
  const rung = store.meta("rung") ?? {}
  const ring = reached.filter(one => !(one.key in rung))
  if (ring.length) {
    const now = deviceNow()
    // A deadline that passed a day ago does not ring again; without this the list would grow for ever.
    const still = Object.entries(rung).filter(([, at]) => now - at < DAY)
    for (const one of ring) still.push([one.key, now])
    await store.remember({ rung: Object.fromEntries(still) })
  }
  const rangAgo = one => (one.key in rung ? deviceNow() - rung[one.key] : 0)
  const bar = reached.map(one => ({ ...one, rang_ago: rangAgo(one) }))
  return json({ now: ask.now, ring, bar, next_at: nextAt, close: ask.say(_("Close")) })
}

/**
 * Return {reached: this person's passed deadlines, the latest first, nextAt: ms of the next one or
 * null}.
 */
export function dueNow(ask) {
  const { declarations, settings, calendar, now } = ask.world
  const reached = []
  let nextAt = null
  for (const record of ask.world.running()) {
    for (const deadline of clocks(declarations, record, settings, calendar)) {
      if (!isMine(deadline, record, ask.person)) continue
      if (deadline.due_at > now) nextAt = Math.min(nextAt ?? deadline.due_at, deadline.due_at)
      else reached.push(alarmOf(ask, record, deadline))
    }
  }
  reached.sort((one, other) => other.due_at - one.due_at)
  return { reached, nextAt }
}

function alarmOf(ask, record, deadline) {
  const { starts } = ask.world.declarations.ladders[deadline.ladder]
  return {
    // By its start, not its deadline: a number that the office changes must not ring it a second time.
    key: [record._id, deadline.ladder, deadline.rung, record[starts]].join(" "),
    record: record._id,
    title: record.title || ask.world.reference(record.place)?.title || "",
    place: ask.world.reference(record.place)?.title ?? "",
    words: ask.say(ask.world.declarations.ladders[deadline.ladder].rungs[deadline.rung - 1].label),
    rung: deadline.rung,
    due_at: deadline.due_at,
    href: hrefOf(record) || "/floor/todo",
  }
}
