// Running deadlines of a record, and deadlines in words, for the screens of several features. Pure
// functions: moments are ms since the epoch, `say(sentence, values)` translates, `world` has settings
// and calendar.
import { clock, dateParts, DAY } from "../rules/display_format.js"
import { clocks, runs, rungMoments } from "../rules/ladder.js"
import { localDay } from "../rules/worktime.js"
import { _ } from "../base/words.js"

const WEEKDAYS = [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")]
const UNITS = {
  min: [_("%(n)s minute"), _("%(n)s minutes")],
  h: [_("%(n)s hour"), _("%(n)s hours")],
  cd: [_("%(n)s day"), _("%(n)s days")],
  wk: [_("%(n)s week"), _("%(n)s weeks")],
  mon: [_("%(n)s month"), _("%(n)s months")],
  WD: [_("%(n)s working day"), _("%(n)s working days")],
}

/** Return the weekday of a moment: Mon … Sun. */
export const weekdayWords = (say, at) => say(WEEKDAYS[dateParts(at)[5]])

/** Return the day of a moment: Sun 10/11. */
export function dayWords(say, at) {
  const [, month, day] = dateParts(at)
  return say(_("%(weekday)s %(month)s/%(day)s"), { weekday: weekdayWords(say, at), month, day })
}

/** Return a moment in words: 10:58 on the same day as `now`, else Sun 10/11 10:58. */
export function momentWords(say, at, now, calendar) {
  if (localDay(at, calendar) === localDay(now, calendar)) return clock(at)
  return `${dayWords(say, at)} ${clock(at)}`
}

/** Return a moment in words if it is more than a day away, else "": then a countdown says it. */
export function farWords(say, at, now, calendar) {
  return at - now > DAY ? momentWords(say, at, now, calendar) : ""
}

/** Return the length in words of a setting {value, unit}, "3 working days"; "" for one that is not set. */
export function lengthWords(say, setting) {
  if (!setting || setting.value === null || !UNITS[setting.unit]) return ""
  return say(UNITS[setting.unit][setting.value === 1 ? 0 : 1], { n: setting.value })
}

/** Whether the last step up to a rung ends when the house closes, and not at a minute of its own. */
export function endsAtClosing(world, ladder, rung) {
  const last = world.declarations.ladders[ladder].rungs[rung - 1].after?.at(-1)
  return ["WD", "ED"].includes(world.settings[last]?.unit)
}

// Of each record in memory: every page counts what is due, and few records have changed since the last one.
const known = new WeakMap() // record → {settings, calendar, deadlines}

/** Return the deadlines that run on a record, the soonest first: [{ladder, rung, name, due_at, tell}]. */
export function runningDeadlines(record, world) {
  const { declarations, settings, calendar } = world
  const before = known.get(record)
  if (before?.settings === settings && before.calendar === calendar) return before.deadlines
  const deadlines = clocks(declarations, record, settings, calendar)
  known.set(record, { settings, calendar, deadlines })
  return deadlines
}

/**
 * Return the state of one ladder among `running` deadlines: calm before its first rung, due after it,
 * over from a second one on.
 */
export function stateOf(running, ladder, now) {
  const reached = running.filter(one => one.ladder === ladder && one.due_at <= now)
  if (reached.length === 0) return "calm"
  return reached.some(one => one.rung > 1) ? "over" : "due"
}

/**
 * Return every rung of one ladder, whether it runs or not: [{label, due_at, tell, step, runs}], from
 * the first.
 *
 * `step` is the record's entry {at, rung, due_at, told, …} of when the rung was reached, or null.
 */
export function ladderOf(record, name, world) {
  const ladder = world.declarations.ladders[name]
  const moments = rungMoments(world.declarations, ladder, record, world.settings, world.calendar)
  const climbed = (record.rungs?.[name] ?? []).filter(step => !("annulled_at" in step))
  return ladder.rungs.map((rung, n) => ({
    label: rung.label,
    tell: rung.tell ?? [],
    due_at: climbed.find(step => step.rung === n + 1)?.due_at ?? moments[n],
    step: climbed.findLast(step => step.rung === n + 1) ?? null,
    runs: runs(ladder, record),
  }))
}
