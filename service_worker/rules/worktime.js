// Adds up working time on a site's own calendar: moments in ms since the epoch, days numbered from
// 1970-01-01. Twin of sync/worktime.py. Cases: tests/vectors/worktime.json.
// A calendar is {offset (minutes east of UTC), closes (minute of the day), week: [7 flags from Monday],
// off: [days], work: [days]}; `off` are holidays, `work` weekend days that are worked to make up.
import { DAY, HOUR, MINUTE } from "./display_format.js"

const UNITS = { s: 1_000, min: MINUTE, h: HOUR, cd: DAY, wk: 7 * DAY }
const CLOSES = 18 * 60 // minute of the day, where the site says nothing
const WEEK = [1, 1, 1, 1, 1, 0, 0] // from Monday on, where the site says nothing
const FAR = 3_660 // days; a calendar without a working day in ten years is a mistake

// Returns the site's day number of a moment.
/** The settings that say when people work. */
export const HOURS = ["calendar.closes", "calendar.week"]

/**
 * Return the parts of a calendar that settings say: {closes, week}.
 *
 * The pattern of a week is a number of seven digits from Monday on, 1 for a day that is worked; one
 * without any, or not set, counts as the usual week.
 */
export function hours(settings) {
  const [closes, week] = HOURS.map(key => settings[key]?.value ?? null)
  const digits = String(Math.max(0, week ?? 0)).padStart(7, "0")
  const flags = [...digits.slice(-7)].map(digit => Number(digit !== "0"))
  return {
    closes: closes === null ? CLOSES : Math.max(0, Math.min(closes, DAY / MINUTE)),
    week: flags.some(Boolean) ? flags : [...WEEK],
  }
}

export function localDay(at, calendar) {
  const local = at + calendar.offset * MINUTE
  return (local - modulo(local, DAY)) / DAY
}

// Returns the moment at which a day begins on the site.
export function dayStarts(day, calendar) {
  return day * DAY - calendar.offset * MINUTE
}

// Says whether people work on that day: holidays and make-up days come before the week.
export function isWorking(day, calendar) {
  if (calendar.work.includes(day)) return true
  if (calendar.off.includes(day)) return false
  return Boolean(calendar.week[modulo(day + 3, 7)]) // 1970-01-01 was a Thursday
}

// Returns the moment `amount` units after `start`; units are s min h cd wk WD.
// WD is a working day (C-03): the day of `start` does not count, the last one ends at closing time.
export function add(start, amount, unit, calendar) {
  if (amount === 0) return start
  if (unit !== "WD") {
    if (!Object.hasOwn(UNITS, unit)) throw new RangeError(`no unit of time: ${unit}`)
    return start + amount * UNITS[unit]
  }
  let day = localDay(start, calendar)
  let left = amount
  for (let tried = 0; tried < FAR; tried++) {
    day += 1
    if (isWorking(day, calendar)) {
      left -= 1
      if (left <= 0) return dayStarts(day, calendar) + calendar.closes * MINUTE
    }
  }
  throw new RangeError("the calendar has no working day in ten years")
}

// Returns the days from `start` to `due`, each with what it counted as: why this deadline.
export function strip(start, due, now, calendar) {
  const [first, last, today] = [start, due, now].map(at => localDay(at, calendar))
  const days = []
  let counted = 0
  for (let day = first; day <= Math.min(last, first + FAR); day++) {
    let kind = "off"
    let n = 0
    if (day === first) kind = "received"
    else if (isWorking(day, calendar)) {
      counted += 1
      kind = calendar.work.includes(day) ? "extra" : "work"
      n = counted
    }
    days.push({ day, kind, n, ahead: day > today })
  }
  return days
}

// The remainder that is never below nothing, as in Python.
function modulo(number, by) {
  return ((number % by) + by) % by
}
