// The form of an act on a record that is shown by its declaration, and the text that is read back where
// it is signed.

import { formHrefOf, hrefOf } from "../models/reference.js"
import { nameOf, valueWords } from "../models/rows.js"
import { problemList } from "../models/labels.js"
import { flatStrokes, reasonsUnsigned, UNSIGNED, VOIDED } from "../models/signatures.js"
import { clock, date, textHash } from "../rules/display_format.js"
import { matches } from "../rules/selector.js"
import { readFields } from "../screens/forms.js"
import * as store from "../store/store.js"
import { copiesOf } from "../screens/acts.js"
import { soFarOf } from "./register_acts.js"
import { controlsOf, readerOf, signatureOf, textsOf, UNSIGNED_FIELD } from "../models/controls.js"
import { draftKey, listHref } from "./register_model.js"
import { changedWords, sheetRows } from "./register_sheets.js"
import { _, fieldProblem } from "../base/words.js"

const INLINE = 3 // controls that a record's page has room for
const LARGE = ["photo", "voice", "items", "counts", "entries"]

// What the form says, as a reader of it.
const formReader = form =>
  readerOf(Object.fromEntries([...new Set(form.keys())].map(name => [name, form.getAll(name)])))

// A form as it would be sent, with these {name: [texts]} in it.
function formWith(fields) {
  const form = new FormData()
  for (const [name, texts] of Object.entries(fields)) {
    for (const text of [texts].flat()) form.append(name, text)
  }
  return form
}

/**
 * Return the model of a form. `given` is {kind, verb, act, record or null, problems}; what was typed comes
 * from the form, else from the draft, else from the record and the address.
 */
export async function formOf(ask, given) {
  const { kind, verb, act, record, problems = {} } = given
  const id = record ? record._id.split(":")[1] : "new"
  const key = draftKey(kind, id, verb)
  const draft = ask.form || ask.query.has("anew") ? null : await store.draft(ask.person._id, key)
  const form = ask.form ?? formWith(draft?.fields ?? (await before(ask, kind, act, record)))
  const read = formReader(form)
  // What the act will copy, the items of a template for instance, is asked already.
  const copies = record ? await copiesOf(`${kind.name}.${verb}`, record, {}) : {}
  const known = record && { ...record, ...copies }
  const controls = await controlsOf(ask, { kind, act, record: known, read, problems })
  const soFar = soFarOf(ask, kind, record, act)
  const signed = signatureOf(kind, act)
  const action = record ? formHrefOf(record, `${kind.name}.${verb}`) : `${listHref(kind)}/new`
  return {
    ...{ action, draft: key, label: ask.say(act.label), sign: act.icon || "check" },
    about: record ? nameOf(ask, record) : "",
    so_far: soFar ? ask.say(soFar[1].label) : "",
    changed: record ? await changedWords(ask, kind, record) : "",
    act_id: ask.form?.get("act_id") || ask.world.actId(),
    seen: record?.acts.last ?? null,
    back: record ? hrefOf(record) : listHref(kind),
    controls,
    kept_at: draft ? draft.at : ask.form ? ask.now : 0,
    anew_href: draft ? `${action}?anew=1` : "",
    begun: draft ? clock(draft.at) : "",
    record: JSON.stringify(shownBy(kind, known)),
    problems: problemList(problems),
    said: signed ? await saidOf({ ...ask, form }, given) : null,
  }
}

/** Whether a form is small enough to stand on the record's page itself. */
export const isSmall = form =>
  !form.said && form.controls.length <= INLINE && !form.controls.some(one => LARGE.includes(one.as))

// What a field is by the record, for the conditions under which others are shown.
function shownBy(kind, record) {
  const asked = kind.fields.flatMap(field => Object.keys(field.shown_when ?? {}))
  return Object.fromEntries(
    asked.filter(name => record?.[name] != null).map(name => [name, record[name]]),
  )
}

// Words are said anew each time, unless they may be corrected. What is private is not shown by a form: its
// mask stands in the empty field. Everything else stands as it is.
const isSaidAnew = ({ kind, editable, private: isPrivate }) =>
  isPrivate || (kind === "text" && !editable)

/**
 * Return what a form says of the fields of an act: an empty field that stood empty changes nothing, and one
 * that was not shown says nothing.
 */
export function readShown(ask, kind, act, record) {
  const data = readFields(ask, kind.name, act, record)
  for (const { name, shown_when: when, ...field } of kind.fields) {
    const isHidden = when && !matches(when, { ...record, ...data })
    if (isHidden || (data[name] === null && isSaidAnew(field))) delete data[name]
  }
  return data
}

async function before(ask, kind, act, record) {
  const given = Object.fromEntries(
    act.asks.filter(name => ask.query.has(name)).map(name => [name, ask.query.getAll(name)]),
  )
  if (record) {
    const anew = kind.fields.filter(isSaidAnew).map(one => one.name)
    const texts = Object.entries(textsOf(kind, record)).filter(([name]) => !anew.includes(name))
    return { ...Object.fromEntries(texts), ...given }
  }
  const place = kind.fields.find(one => one.name === "place" && act.asks.includes("place"))
  // Where a unit must be said, one's own stands there already.
  const unit = kind.fields.find(one => one.of?.includes("unit") && act.needs.includes(one.name))
  const own = unit && ask.person.units?.[0]
  return {
    ...(await earlier(kind, act, given)),
    ...(place && ask.place ? { place: [ask.place] } : {}),
    ...(own ? { [unit.name]: [own] } : {}),
    ...today(ask, kind),
    ...given,
  }
}

// What replaces another of its kind begins with what that says; its days and its number are its own.
async function earlier(kind, act, given) {
  const link = kind.fields.find(one => one.of?.includes(kind.name) && given[one.name])
  const record = link && (await store.get(given[link.name][0]))
  const kept = kind.fields.filter(
    one => act.asks.includes(one.name) && !["day", "number"].includes(one.kind) && !one.private,
  )
  const texts = record ? textsOf(kind, record) : {}
  return Object.fromEntries(
    kept.filter(({ name }) => texts[name]).map(({ name }) => [name, texts[name]]),
  )
}

// A record that its day and hour tell from others is begun now, unless somebody says otherwise.
function today(ask, kind) {
  const now = { day: date(ask.now), hour: clock(ask.now) }
  const keys = kind.fields.filter(one => kind.key?.includes(one.name) && one.kind in now)
  return Object.fromEntries(keys.map(one => [one.name, [now[one.kind]]]))
}

// What is signed

/** Return the model of the text that is read back, its signature, and why there may be none. */
export async function saidOf(ask, { kind, verb, act, record, problems = {} }) {
  const read = formReader(ask.form)
  const parts = partsOf(ask, { kind, act, record })
  const text = parts
    .map(one => one.words)
    .join("")
    .trim()
  const hash = await textHash(text)
  const name = signatureOf(kind, act)
  const voided = Boolean(read.one(name)) && read.one(`${name}_text_hash`) !== hash
  const id = record ? record._id.split(":")[1] : "new"
  return {
    href: `${listHref(kind)}/${id}/${record ? verb : "new"}/said`,
    ...{ parts, text, name, hash, voided, void_words: voided ? ask.say(VOIDED) : "" },
    label: ask.say(kind.fields.find(one => one.name === name).label),
    strokes: voided ? "" : read.one(name),
    may_lack: act.asks.includes(UNSIGNED_FIELD),
    cannot: Boolean(read.one(`${name}_cannot`)),
    why_not: reasonsUnsigned(ask, read.one(UNSIGNED_FIELD)),
    problem: problems[name] ?? null,
    why_problem: problems[UNSIGNED_FIELD] ?? null,
  }
}

// The whole form in reading order: what is typed, as it will be kept, nothing masked.
function partsOf(ask, { kind, act, record }) {
  const data = readFields(ask, kind.name, act)
  const parts = [{ words: ask.say(act.label) }]
  if (record) parts.push({ words: ask.say(_(": ")) }, { words: nameOf(ask, record), strong: true })
  parts.push({ words: ask.say(_(". ")) })
  for (const name of act.asks) {
    const field = kind.fields.find(one => one.name === name)
    if (field.kind === "signature" || name === UNSIGNED_FIELD) continue
    const words = saidWords(ask, field, record, data[name])
    if (!words) continue
    parts.push({ words: ask.say(field.label) + ask.say(_(": ")) }, { words, strong: true })
    parts.push({ words: ask.say(_(". ")) })
  }
  return parts
}

// What is filled in item by item is read item by item.
function saidWords(ask, field, record, value) {
  if (!["ticks", "grid", "counts"].includes(field.kind)) {
    return valueWords(ask, { ...field, private: false }, value)
  }
  const rows = sheetRows(ask, field, { ...record, [field.name]: value ?? {} })
  return rows.map(({ term, words }) => `${term} ${words}`).join(ask.say(_(", ")))
}

/**
 * Return {data, text, problems} of a form that was sent: what the act says, the text that was signed, and
 * what is missing. A field that was not shown says nothing.
 */
export async function saidInForm(ask, { kind, verb, act, record }) {
  // What the act will copy decides, too, what its form showed.
  const copies = record ? await copiesOf(`${kind.name}.${verb}`, record, {}) : null
  const data = readShown(ask, kind, act, record && { ...record, ...copies })
  const name = signatureOf(kind, act)
  const problems = missingIn(ask, act, data, name)
  if (!name) return { data, text: null, problems }
  const read = formReader(ask.form)
  const said = await saidOf(ask, { kind, verb, act, record })
  const strokes = said.voided || said.cannot ? [] : flatStrokes(said.strokes)
  delete data[name]
  delete data[UNSIGNED_FIELD]
  if (strokes.length) data[name] = { strokes, of: said.hash }
  else if (said.cannot && read.one(UNSIGNED_FIELD)) data[UNSIGNED_FIELD] = read.one(UNSIGNED_FIELD)
  else if (said.cannot) problems[UNSIGNED_FIELD] = ask.say(_("Say why there is no signature."))
  else if (said.may_lack || act.needs.includes(name)) {
    problems[name] = ask.say(said.voided ? VOIDED : UNSIGNED)
  }
  return { data, text: said.text, problems }
}

function missingIn(ask, act, data, signature) {
  const empty = act.needs.filter(name => name !== signature && data[name] == null)
  return Object.fromEntries(empty.map(name => [name, ask.say(fieldProblem("required"))]))
}
