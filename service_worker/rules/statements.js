// Statements: what the clock says for a rule, and what follows for the record they are about. Of all
// that was said for one rule, scope and key the newest counts alone. `stated` of a record has what is
// derived: the statements that count, how many acts of people began it, whether it is withdrawn, and
// which causes hold a field. Twin of sync/statements.py, function by function. Cases: tests/vectors/fold.json.

import { FOR, STATEMENT, SYSTEM } from "./act.js"
import { get, put } from "./guards.js"
import { same } from "./selector.js"

const OTHERWISE = "meant_otherwise" // why a question is open: the rule wants now what nobody saw
const MARK = FOR.slice(0, 3)

// Says whether an act is a statement.
export function isSaid(act) {
  return "for" in act
}

// Says whether an id is that of a statement.
export function isId(identifier) {
  return identifier.startsWith(STATEMENT)
}

// Returns what tells the statements of one rule, scope and key from all others.
export function mark(said) {
  return MARK.map(name => said[name]).join("\u001f")
}

// Says whether rules made a record, none of them wants it, and nobody began it.
export function isWithdrawn(record) {
  return record.stated?.withdrawn === true
}

// Returns the moment (ms) of the newest act that is no statement, 0 where there is none: a duty of
// next week stands at its own moment, and what is said of it today does not come after it.
export function lastMoment(record) {
  return record.acts.recent.filter(({ id }) => !isId(id)).at(-1)?.at ?? 0
}

// Which acts count

// Returns the acts of one record that count, in any order: the newest statement of each mark. Each
// carries `beside`, all statements by mark, the oldest first. A statement that is wanted no more has
// the data of the one before it, which is what there was.
export function counting(acts) {
  const beside = {}
  for (const act of acts.filter(isSaid)) (beside[mark(act.for)] ??= []).push(act)
  const said = Object.values(beside)
  if (!said.length) return acts
  const saw = {}
  for (const act of acts) if ("saw" in act) saw[act._id] = act.saw
  for (const statements of said) statements.sort((one, other) => one.for.n - other.for.n)
  const line = acts.filter(act => !isSaid(act)).map(act => withBeside(act, beside, saw))
  return [...line, ...said.map(statements => ({ ...shown(statements), beside }))]
}

// A person's act with what its author saw; a decision lets in what another one saw.
function withBeside(act, beside, saw) {
  return { ...act, beside, saw: act.saw ?? get(saw, act.data.about) ?? [] }
}

function shown(said) {
  const newest = said.at(-1)
  if (newest.for.wanted) return newest
  const before = said.findLast(one => one.for.wanted) ?? newest
  return { ...before, _id: newest._id, for: newest.for }
}

// Says whether an act may be added to a folded record; else all acts are folded again.
export function isSimple(record, act) {
  if (isSaid(act)) {
    const by = record?.stated?.by ?? []
    return act.for.n === 1 && !by.some(entry => mark(entry) === mark(act.for))
  }
  const made = record === null ? [] : making(record)
  if (!made.length || act.by.startsWith(SYSTEM)) return true
  if (["undone", "decided"].includes(act.act.split(".")[1])) return false
  return "begun" in record.stated || made.every(({ id }) => (act.saw ?? []).includes(id))
}

// Returns the statements that made a record.
export function making(record) {
  return (record.stated?.by ?? []).filter(entry => entry.makes)
}

// What a statement does

// Adds a statement to a record, as `takeEffect` adds an act; returns what became of it.
export function stated(declarations, record, act, takeEffect) {
  const declared = get(declarations.acts, act.act)
  if (declared === null) return { reason: "unknown_act" }
  const [makes, names] = [declared.creates, pair(declarations, act)]
  const known = record.state !== "unknown"
  let outcome = {}
  if (names !== null && known && act.for.wanted) {
    outcome = { was: hold(declarations, record, act, names) }
  } else if (makes || act.for.wanted) outcome = takeEffect(declarations, record, act)
  note(record, act, { makes })
  return outcome
}

// Returns [says, unsays] of the rule that an act is said for, where it is one of the two, else null.
export function pair(declarations, act) {
  const rule = get(declarations.rules ?? {}, act.for.rule)
  if (!rule?.unsays || ![rule.says, rule.unsays].includes(act.act)) return null
  return [rule.says, rule.unsays]
}

// Lets a cause hold the fields of a pair, or let go: whoever lets go last clears them. A cause is a rule
// and its scope. A stamp of what is said is the moment of the newest cause, and goes with the last one.
export function hold(declarations, record, act, names) {
  const [says, unsays] = names.map(name => declarations.acts[name].sets)
  const held = { ...record.stated?.held }
  const cause = `${act.for.rule} ${act.for.scope}`
  const [holds, effect, was] = [act.act === names[0], {}, {}]
  for (const name of Object.keys(says)) {
    const others = (get(held, name) ?? []).filter(other => other !== cause)
    held[name] = holds ? [...others, cause] : others
    effect[name] = held[name].length ? says[name] : get(unsays, name)
  }
  if (holds || !Object.values(held).some(causes => causes.length)) {
    const { stamps } = declarations.acts[names[0]]
    for (const name of stamps) effect[name] = holds ? act.at : null
  }
  for (const [name, value] of Object.entries(effect)) {
    was[name] = get(record, name)
    put(declarations, record, name, value, act._id, act.by)
  }
  const holding = Object.entries(held).filter(([, causes]) => causes.length)
  state(record, { held: Object.fromEntries(holding) })
  return was
}

// Writes down in the record that a statement counts.
export function note(record, act, { makes }) {
  const { said_at: _said_at, ...said } = act.for
  const entry = { id: act._id, ...said }
  if (makes) entry.makes = true
  const others = (record.stated?.by ?? []).filter(one => mark(one) !== mark(entry))
  state(record, { by: [...others, entry] })
}

// Changes what is stated of a record, and derives from it whether it is withdrawn.
export function state(record, changes) {
  const all = { by: [], ...record.stated, ...changes }
  const made = all.by.filter(entry => entry.makes)
  all.withdrawn = made.length > 0 && !made.some(entry => entry.wanted) && !all.begun
  record.stated = {}
  for (const name of ["by", "begun", "withdrawn", "held"]) {
    const says = typeof all[name] === "object" ? Object.keys(all[name]).length : all[name]
    if (says) record.stated[name] = all[name]
  }
}

// Beginning

// Says whether an act would begin, or go on with, a record that rules made. What only counts, a look
// at something private for instance, begins nothing.
export function begins(declarations, record, act) {
  if (act.by.startsWith(SYSTEM) || !making(record).length) return false
  let name = act.act
  if (name.split(".")[1] === "decided") {
    const question = record.unsettled.find(open => open.act === act.data.about)
    if (question === undefined || act.data.choice === "keep" || isId(question.act)) return false
    name = question.name
  }
  if (name.split(".")[1] === "edited") return true
  const declared = get(declarations.acts, name)
  if (declared === null) return false
  const does = ["sets", "stamps", "signs", "asks", "takes_over", "gives_to"]
  const says = part => (typeof part === "object" ? Object.keys(part).length > 0 : Boolean(part))
  return !says(declared.adds) || does.some(part => says(declared[part] ?? false))
}

// Lets a record be as the first author of an act on it saw it.
export function see(declarations, record, act) {
  if ("begun" in record.stated) return
  for (const entry of making(record)) {
    const said = get(act.beside ?? {}, mark(entry)) ?? []
    const seen = said.findLast(one => (act.saw ?? []).includes(one._id))
    if (seen !== undefined && seen._id !== entry.id) {
      const upto = said.slice(0, said.indexOf(seen) + 1)
      turn(declarations, record, shown(said), shown(upto), entry.id)
    }
    replace(record, { ...entry, saw: seen === undefined ? entry.n : seen.for.n })
  }
}

// Counts an act that took effect on a made record; asks what its first author did not see. Of a kind whose
// records stand nothing is asked: what somebody did is done.
export function begin(declarations, record, act) {
  const isFirst = !("begun" in record.stated)
  state(record, { begun: (record.stated.begun ?? 0) + 1 })
  if (!isFirst || declarations.records[record.type].stands) return
  for (const entry of making(record)) {
    const said = get(act.beside ?? {}, mark(entry)) ?? []
    const seen = said.findIndex(one => one.for.n === entry.saw)
    if (seen < 0 || same(means(said), means(said.slice(0, seen + 1)))) continue
    const { _id, act: name, by, at, device, data } = said.at(-1)
    const question = { act: _id, name, by, at, device, data, reason: OTHERWISE }
    record.unsettled = [...record.unsettled, question]
  }
}

function means(said) {
  return said.at(-1).for.wanted ? said.at(-1).data : null
}

// Counts no more an act that was taken back: what nobody began is as its rule wants it.
export function giveBack(declarations, record, act) {
  const undone = record.acts.recent.filter(entry => entry.id === act.data.undoes)
  if (!undone.some(entry => "begun" in entry)) return
  const begun = record.stated.begun - 1
  state(record, { begun })
  if (begun) return
  record.unsettled = record.unsettled.filter(open => !isId(open.act))
  for (const one of making(record)) {
    const said = get(act.beside ?? {}, mark(one)) ?? []
    const seen = said.findIndex(other => other.for.n === one.saw)
    if (seen >= 0 && seen + 1 < said.length) {
      turn(declarations, record, shown(said.slice(0, seen + 1)), shown(said), said.at(-1)._id)
    }
    const { saw: _saw, ...entry } = one
    replace(record, entry)
  }
}

// Lets a record that somebody began be as its rule wants it; returns what it was. What the rule does
// not want any more is taken back as a whole.
export function answer(declarations, record, act, question) {
  const wanted = making(record).some(one => one.id === question.act && one.wanted)
  const effect = wanted ? question.data : { state: "undone" }
  const was = {}
  for (const name of Object.keys(effect)) was[name] = get(record, name)
  for (const [name, value] of Object.entries(effect)) {
    put(declarations, record, name, value, act._id, act.by)
  }
  return was
}

// Puts what one statement says in the place of what another one said, where that still holds.
function turn(declarations, record, old, next, id) {
  const [before, after] = [told(declarations, old), told(declarations, next)]
  for (const name of Object.keys({ ...before, ...after })) {
    if (!same(get(record, name), get(before, name))) continue
    put(declarations, record, name, get(after, name), id, next.by)
  }
}

function told(declarations, said) {
  const stamps = declarations.acts[said.act].stamps.map(name => [name, said.at])
  return { ...Object.fromEntries(stamps), ...said.data }
}

function replace(record, entry) {
  const by = record.stated.by.map(one => (mark(one) === mark(entry) ? entry : one))
  state(record, { by })
}
