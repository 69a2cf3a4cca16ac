// Formats moments (ms since the epoch), lengths of time (ms), names and numbers for the screens, also
// as filters of the templates. Twin of sync/display_format.py: both ends print the same. Cases:
// tests/vectors/display_format.json.

const OFFSET = 480 // minutes east of UTC: one time zone is in use all over China
export const MINUTE = 60_000 // ms
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

// Returns [year, month, day, hour, minute, weekday from Monday = 0] on the site.
export function dateParts(at, offset = OFFSET) {
  const local = at + offset * MINUTE
  const days = whole(local, DAY)
  const rest = modulo(local, DAY)
  // Days to a civil date by Howard Hinnant's method: the years begin in March.
  const shifted = days + 719_468
  const era = whole(shifted, 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = whole(
    dayOfEra - whole(dayOfEra, 1_460) + whole(dayOfEra, 36_524) - whole(dayOfEra, 146_096),
    365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + whole(yearOfEra, 4) - whole(yearOfEra, 100))
  const monthFromMarch = whole(5 * dayOfYear + 2, 153)
  const day = dayOfYear - whole(153 * monthFromMarch + 2, 5) + 1
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return [year, month, day, whole(rest, HOUR), whole(rest % HOUR, MINUTE), modulo(days + 3, 7)]
}

function modulo(number, by) {
  return ((number % by) + by) % by
}

function whole(number, by) {
  return (number - modulo(number, by)) / by
}

function two(number) {
  return number < 10 ? `0${number}` : String(number)
}

// 10:42, or nothing for no moment.
export function clock(at, offset = OFFSET) {
  if (at == null) return ""
  const parts = dateParts(at, offset)
  return `${two(parts[3])}:${two(parts[4])}`
}

// 11-25
export function day(at, offset = OFFSET) {
  if (at == null) return ""
  const parts = dateParts(at, offset)
  return `${two(parts[1])}-${two(parts[2])}`
}

// 2026-11-25
export function date(at, offset = OFFSET) {
  if (at == null) return ""
  return `${dateParts(at, offset)[0]}-${day(at, offset)}`
}

// 11-25 10:42
export function moment(at, offset = OFFSET) {
  return at == null ? "" : `${day(at, offset)} ${clock(at, offset)}`
}

// 0 for Monday to 6 for Sunday.
export function weekday(at, offset = OFFSET) {
  return dateParts(at, offset)[5]
}

// 23:48, or 1:03:48 from an hour on; a length below nothing counts as nothing.
export function countdown(length) {
  if (length == null) return ""
  const all = whole(Math.max(length, 0), 1_000)
  const [hours, left, rest] = [whole(all, 3_600), whole(all % 3_600, 60), all % 60]
  if (hours) return `${hours}:${two(left)}:${two(rest)}`
  return `${left}:${two(rest)}`
}

// Whole minutes in a length of time, never below nothing.
export function minutes(length) {
  return length == null ? 0 : whole(Math.max(length, 0), MINUTE)
}

// The seconds that are left over after whole minutes.
export function seconds(length) {
  return length == null ? 0 : whole(Math.max(length, 0) % MINUTE, 1_000)
}

// Keeps what the family name needs: one character of a short name, two of a long one.
export function maskName(name) {
  if (!name) return ""
  const letters = [...name]
  return letters.slice(0, letters.length < 4 ? 1 : 2).join("") + "**"
}

// 139****0416; a short number keeps its last two digits.
export function maskPhone(phone) {
  if (!phone) return ""
  const digits = [...phone]
  if (digits.length < 8) return "****" + digits.slice(-2).join("")
  return digits.slice(0, 3).join("") + "****" + digits.slice(-4).join("")
}

// 12,345
export function thousands(number) {
  return number == null ? "" : String(number).replace(/\B(?=(\d{3})+$)/g, ",")
}

// Returns an amount as people write it, in whole yuan: `1,280`, `500` with its unit, `128.50`; else null.
// Half a yuan counts as a whole one: what is kept is shown while it is typed, and read back.
export function readAmount(text) {
  const found = AMOUNT.exec(text.normalize("NFKC").replaceAll(" ", ""))
  if (!found) return null
  const [, whole, tenths = ""] = found
  return Number(whole.replaceAll(",", "")) + (tenths.slice(0, 1) >= "5" ? 1 : 0)
}

const AMOUNT =
  /^\xa5?([0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3}){1,3})(?:\.([0-9]{1,2}))?[\u5143\u5706\u5757]?$/

// Returns the number on a complaint's receipt: made on the tablet, never changed later.
export function receipt(record, at, offset = OFFSET) {
  let number = 0
  for (const letter of record) number = (number * 131 + letter.codePointAt(0)) % 1_000_003
  const digits = String(number % 1_000_000).padStart(6, "0")
  return `T-${day(at, offset).replaceAll("-", "")}-${digits}`
}

// SHA-256 of the text in hexadecimal: what a signature is bound to. A promise, unlike its twin.
export async function textHash(text) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, "0")).join("")
}

export const FILTERS = {
  clock,
  day,
  date,
  moment,
  weekday,
  countdown,
  minutes,
  seconds,
  mask_name: maskName,
  mask_phone: maskPhone,
  thousands,
}
