// What deadlines are called, for screens of more than one feature: pure, `say` gives the language.
import { clock, dateParts, DAY } from "../rules/format.js"
import { clocks, runs, rungMoments } from "../rules/ladder.js"
import { localDay } from "../rules/worktime.js"
import { _ } from "../base/words.js"

const WEEKDAYS = [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")]
const UNITS = {
  min: [_("%(n)s minute"), _("%(n)s minutes")],
  h: [_("%(n)s hour"), _("%(n)s hours")],
  cd: [_("%(n)s day"), _("%(n)s days")],
  wk: [_("%(n)s week"), _("%(n)s weeks")],
  WD: [_("%(n)s working day"), _("%(n)s working days")],
}

/** Mon … Sun of a moment. */
export const weekdayWords = (say, at) => say(WEEKDAYS[dateParts(at)[5]])

/** Sun 10-11 */
export function dayWords(say, at) {
  const [, month, day] = dateParts(at)
  return say(_("%(weekday)s %(month)s/%(day)s"), { weekday: weekdayWords(say, at), month, day })
}

/** 10:58 on the same day as `now`, else Sun 10/11 10:58. */
export function momentWords(say, at, now, calendar) {
  if (localDay(at, calendar) === localDay(now, calendar)) return clock(at)
  return `${dayWords(say, at)} ${clock(at)}`
}

/** The moment of a deadline that is more than a day away, in words; nothing for a nearer one. */
export function farWords(say, at, now, calendar) {
  return at - now > DAY ? momentWords(say, at, now, calendar) : ""
}

/** 3 working days, for a setting {value, unit}; nothing for one that is not set. */
export function lengthWords(say, setting) {
  if (!setting || setting.value === null || !UNITS[setting.unit]) return ""
  return say(UNITS[setting.unit][setting.value === 1 ? 0 : 1], { n: setting.value })
}

/** Whether the last step up to a rung ends when the house closes, and not at a minute of its own. */
export function endsAtClosing(world, ladder, rung) {
  const last = world.declarations.ladders[ladder].rungs[rung - 1].after.at(-1)
  return world.settings[last]?.unit === "WD"
}

/** The rungs of every ladder that runs on a record, the soonest first. */
export const runningClocks = (record, world) =>
  clocks(world.declarations, record, world.settings, world.calendar)

/** calm before the first rung of a ladder, due after it, over from a second one on. */
export function stateOf(running, ladder, now) {
  const reached = running.filter(one => one.ladder === ladder && one.due_at <= now)
  if (reached.length === 0) return "calm"
  return reached.some(one => one.rung > 1) ? "over" : "due"
}

/**
 * Every rung of one ladder, whether it runs or not: [{label, due_at, tell, step}], from the first.
 *
 * `step` is what the record says of the rung when it was reached, or null.
 */
export function ladderOf(record, name, world) {
  const ladder = world.declarations.ladders[name]
  const moments = rungMoments(ladder, record[ladder.starts], world.settings, world.calendar)
  const climbed = (record.rungs?.[name] ?? []).filter(step => !("annulled_at" in step))
  return ladder.rungs.map((rung, n) => ({
    label: rung.label,
    tell: rung.tell,
    due_at: climbed.find(step => step.rung === n + 1)?.due_at ?? moments[n],
    step: climbed.findLast(step => step.rung === n + 1) ?? null,
    runs: runs(ladder, record),
  }))
}
