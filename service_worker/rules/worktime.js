// Adds up working time on a site's own calendar: moments in ms since the epoch, days numbered from
// 1970-01-01. Twin of sync/worktime.py. Cases: tests/vectors/worktime.json.
// A calendar is {offset (minutes east of UTC), opens, closes (minutes of the day), week: [7 flags from
// Monday], off: [days], work: [days]}; `off` are holidays, `work` weekend days that are worked.
import { dateParts, DAY, HOUR, MINUTE } from "./display_format.js"

export const UNITS = { s: 1_000, min: MINUTE, h: HOUR, cd: DAY, wk: 7 * DAY }
const OPENS = 8 * 60 // minutes of the day, where the site says nothing
const CLOSES = 18 * 60
const WEEK = [1, 1, 1, 1, 1, 0, 0] // from Monday on, where the site says nothing
const FAR = 3_660 // days; a calendar without a working day in ten years is a mistake

/** The settings that say when people work. */
export const HOURS = ["calendar.opens", "calendar.closes", "calendar.week"]

/**
 * Return the parts of a calendar that settings say: {opens, closes, week}.
 *
 * The pattern of a week is a number of seven digits from Monday on, 1 for a day that is worked; one
 * without any, or not set, counts as the usual week.
 */
export function hours(settings) {
  const [opens, closes, week] = HOURS.map(key => settings[key]?.value ?? null)
  const digits = String(Math.max(0, week ?? 0)).padStart(7, "0")
  const flags = [...digits.slice(-7)].map(digit => Number(digit !== "0"))
  return {
    opens: minute(opens ?? OPENS),
    closes: minute(closes ?? CLOSES),
    week: flags.some(Boolean) ? flags : [...WEEK],
  }
}

const minute = said => Math.max(0, Math.min(said, DAY / MINUTE))

// Returns the site's day number of a moment.
export function localDay(at, calendar) {
  const local = at + calendar.offset * MINUTE
  return (local - modulo(local, DAY)) / DAY
}

// Returns the moment at which a day begins on the site.
export function dayStarts(day, calendar) {
  return day * DAY - calendar.offset * MINUTE
}

// Returns the moment at which the site closes on a day, what a day as a limit stands for; a site that
// never closes ends its days just before midnight, which is the next day's.
export function dayEnds(day, calendar) {
  const closes = dayStarts(day, calendar) + calendar.closes * MINUTE
  return Math.min(closes, dayStarts(day + 1, calendar) - 1)
}

// Says whether people work on that day: holidays and make-up days come before the week.
export function isWorking(day, calendar) {
  if (calendar.work.includes(day)) return true
  if (calendar.off.includes(day)) return false
  return Boolean(calendar.week[modulo(day + 3, 7)]) // 1970-01-01 was a Thursday
}

// Returns the moment `amount` units after `start`, or before it; units are s min h cd wk mon WD ED OD.
// A month keeps the day and the time of day, or is its last day. WD is a working day (C-03): the day of
// `start` does not count, the last one ends at closing time; OD is its opening. ED is the end of a day,
// today's for 0; what begins after closing counts from tomorrow.
export function add(start, amount, unit, calendar) {
  const day = localDay(start, calendar)
  if (unit === "ED") {
    return dayEnds(day + amount + Number(start > dayEnds(day, calendar)), calendar)
  }
  if (amount === 0) return start
  if (unit === "mon") return start + (addMonths(day, amount) - day) * DAY
  if (unit === "OD") {
    return dayStarts(workingDay(day, amount, calendar), calendar) + calendar.opens * MINUTE
  }
  if (unit === "WD") return dayEnds(workingDay(day, amount, calendar), calendar)
  if (!Object.hasOwn(UNITS, unit)) throw new RangeError(`no unit of time: ${unit}`)
  return start + amount * UNITS[unit]
}

// Returns the day `amount` months after a day, or the last one of a month that is shorter.
export function addMonths(day, amount) {
  const [year, month, ofMonth] = dateParts(day * DAY, 0)
  const months = year * 12 + month - 1 + amount
  return Math.min(firstOf(months) + ofMonth, firstOf(months + 1)) - 1
}

// Returns the day on which a month begins, counted in months of the years from 0 on: the other half of
// dateParts, whose years begin in March.
function firstOf(months) {
  const year = Math.floor((months - 2) / 12)
  const days = 365 * year + Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400)
  return days + Math.floor((153 * modulo(months - 2, 12) + 2) / 5) - 719_468
}

// Returns the `amount`-th working day after a day, or before it; the day does not count.
export function workingDay(day, amount, calendar) {
  let left = Math.abs(amount)
  for (let tried = 0; tried < FAR; tried++) {
    day += Math.sign(amount)
    if (isWorking(day, calendar)) {
      left -= 1
      if (left <= 0) return day
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
