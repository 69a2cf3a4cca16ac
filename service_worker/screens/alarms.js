// Alarms: which clocks of this person have run out, which of them have not rung yet, and when is next.
//
// The page that is looked at asks and rings for what `ring` names. What was named once is remembered,
// so that each rung of each record rings once, whatever is reloaded or started again. `bar` is all that
// is due, with how long ago (ms) it rang.

import { deviceNow } from "../base/clock.js"
import { DAY } from "../rules/format.js"
import { json } from "../base/headers.js"
import { clocks } from "../rules/ladder.js"
import * as store from "../store/store.js"
import { _ } from "../base/words.js"
import { hrefOf, isMine } from "../models/reference.js"

/** POST /floor/alarms: {now, ring: [clock], bar: [clock with rang_ago], next_at, close}. */
export async function alarms(ask) {
  const { reached, nextAt } = dueNow(ask)
  const rung = store.meta("rung") ?? {}
  const ring = reached.filter(one => !(one.key in rung))
  if (ring.length) {
    const now = deviceNow()
    const still = Object.entries(rung).filter(([, at]) => now - at < DAY)
    for (const one of ring) still.push([one.key, now])
    await store.remember({ rung: Object.fromEntries(still) })
  }
  const rangAgo = one => (one.key in rung ? deviceNow() - rung[one.key] : 0)
  const bar = reached.map(one => ({ ...one, rang_ago: rangAgo(one) }))
  return json({ now: ask.now, ring, bar, next_at: nextAt, close: ask.say(_("Close")) })
}

/** Return the clocks of this person that have run out, the latest first, and the next moment. */
export function dueNow(ask) {
  const { declarations, settings, calendar, now } = ask.world
  const reached = []
  let nextAt = null
  for (const record of ask.world.running()) {
    for (const clock of clocks(declarations, record, settings, calendar)) {
      if (!isMine(clock, record, ask.person)) continue
      if (clock.due_at > now) nextAt = Math.min(nextAt ?? clock.due_at, clock.due_at)
      else reached.push(told(ask, record, clock))
    }
  }
  reached.sort((one, other) => other.due_at - one.due_at)
  return { reached, nextAt }
}

function told(ask, record, clock) {
  return {
    key: [record._id, clock.ladder, clock.rung, clock.due_at].join(" "),
    record: record._id,
    title: record.title || ask.world.reference(record.place)?.title || "",
    place: ask.world.reference(record.place)?.title ?? "",
    words: ask.say(ask.world.declarations.ladders[clock.ladder].rungs[clock.rung - 1].label),
    rung: clock.rung,
    due_at: clock.due_at,
    href: hrefOf(record) || "/floor/todo",
  }
}
