// Verifies the replicated records against the server by checksums, and repairs what differs
// (anti-entropy): a row that the browser lost, a page of changes that was never written, a right that
// was taken away unseen.

import { MINUTE } from "../rules/display_format.js"
import { counted, difference, differing, total } from "../rules/checksums.js"
import * as store from "../store/store.js"

const EVERY = 10 * MINUTE
const MOST_WRONG = 64 // of 256 buckets; with more, everything is pulled anew
const REPAIRS = 2 // in a row that did not help; then everything is pulled anew
const GIVEN_UP = 60 * MINUTE // between tries when even that did not help: the fault is not the tablet's
const FETCHED = 200 // records in one request

/**
 * Compare checksums with the server, and repair. To be called when nothing is left to be pulled.
 *
 * `ask(path, options)` asks the site; `now` is this device's clock (ms), `force` ignores how long ago the
 * last comparison was. Return null when all is well or nothing can be said now, {trouble}, {changes} of
 * what was repaired, or {anew: true} when everything has to be pulled again.
 */
export async function verify(ask, { now, force = false }) {
  const { at = 0, tries = 0 } = store.meta("agreed") ?? {}
  const wait = tries === 0 ? EVERY : tries > REPAIRS ? GIVEN_UP : 0
  if (!force && now >= at && now - at < wait) return null
  const since = encodeURIComponent(store.meta("checkpoint"))
  const answer = await ask(`_manifest?since=${since}`)
  if (answer.trouble) return answer.trouble === "stopped" ? null : answer // a server of an earlier version
  // Something changed since our checkpoint: the two cannot be compared before that is pulled.
  if (answer.body.behind) return null
  const rows = await store.heldRevs()
  const ours = counted(rows)
  const agrees = ours.count === answer.body.count && total(ours.buckets) === answer.body.sum
  await store.remember({ agreed: { at: now, tries: agrees ? 0 : tries + 1 } })
  if (agrees) return null
  if (tries === REPAIRS) return { anew: true }
  return tries > REPAIRS ? null : repair(ask, since, { rows, ours, at: now })
}

async function repair(ask, since, { rows, ours, at }) {
  const theirs = await ask(`_manifest?since=${since}&buckets=true`)
  if (theirs.trouble || theirs.body.behind) return theirs.trouble ? theirs : null
  const wrong = differing(ours.buckets, theirs.body.buckets)
  if (wrong.length === 0 || wrong.length > MOST_WRONG) return { anew: true }
  const listed = await ask(`_manifest?since=${since}&bucket=${wrong}`)
  if (listed.trouble || listed.body.behind) return listed.trouble ? listed : null
  const { lacking, surplus } = difference(rows, listed.body.revs, wrong)
  const changed = surplus.map(id => ({ id, record: null }))
  for (let from = 0; from < lacking.length; from += FETCHED) {
    const docs = lacking.slice(from, from + FETCHED).map(id => ({ id }))
    const body = JSON.stringify({ docs })
    const fetched = await ask("_bulk_get", { method: "POST", body })
    if (fetched.trouble) return fetched
    for (const { id, docs: answers } of fetched.body.results) {
      if (answers[0]?.ok) changed.push({ id, record: answers[0].ok })
    }
  }
  return { changes: await store.pull(changed, { at }) }
}
