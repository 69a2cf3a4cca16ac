// Holds what this tablet has against what the server says its person sees, and mends what differs: a
// row that a browser lost, a page that went astray, a right that nobody remembers.

import { MINUTE } from "../rules/format.js"
import { counted, difference, differing, total } from "../rules/checksums.js"
import * as store from "../store/store.js"

const EVERY = 10 * MINUTE
const MOST_WRONG = 64 // buckets; with more, everything is pulled afresh
const MENDED = 2 // times in a row, then everything is pulled afresh
const GIVEN_UP = 60 * MINUTE // when even that did not help, the mistake is not the tablet's
const FETCHED = 200 // records in one request

/**
 * Compare, and mend. To be called when nothing is left to be pulled.
 *
 * `ask(path, options)` asks the site. Return a trouble, null when all is well or nothing can be said
 * now, {changes} of what was mended, or {anew: true} when everything has to be pulled again.
 */
export async function agree(ask, { now, force = false }) {
  const { at = 0, tries = 0 } = store.meta("agreed") ?? {}
  const wait = tries === 0 ? EVERY : tries > MENDED ? GIVEN_UP : 0
  if (!force && now >= at && now - at < wait) return null
  const since = encodeURIComponent(store.meta("checkpoint"))
  const said = await ask(`_manifest?since=${since}`)
  if (said.trouble) return said.trouble === "stopped" ? null : said // a server of an earlier version
  if (said.body.behind) return null
  const rows = await store.heldRevs()
  const ours = counted(rows)
  const agrees = ours.count === said.body.count && total(ours.buckets) === said.body.sum
  await store.remember({ agreed: { at: now, tries: agrees ? 0 : tries + 1 } })
  if (agrees) return null
  if (tries === MENDED) return { anew: true }
  return tries > MENDED ? null : mend(ask, since, { rows, ours, at: now })
}

async function mend(ask, since, { rows, ours, at }) {
  const theirs = await ask(`_manifest?since=${since}&buckets=true`)
  if (theirs.trouble || theirs.body.behind) return theirs.trouble ? theirs : null
  const wrong = differing(ours.buckets, theirs.body.buckets)
  if (wrong.length === 0 || wrong.length > MOST_WRONG) return { anew: true }
  const said = await ask(`_manifest?since=${since}&bucket=${wrong}`)
  if (said.trouble || said.body.behind) return said.trouble ? said : null
  const { lacking, surplus } = difference(rows, said.body.revs, wrong)
  const found = surplus.map(id => ({ id, record: null }))
  for (let from = 0; from < lacking.length; from += FETCHED) {
    const docs = lacking.slice(from, from + FETCHED).map(id => ({ id }))
    const body = JSON.stringify({ docs })
    const got = await ask("_bulk_get", { method: "POST", body })
    if (got.trouble) return got
    for (const { id, docs: answers } of got.body.results) {
      if (answers[0]?.ok) found.push({ id, record: answers[0].ok })
    }
  }
  return { changes: await store.pull(found, { at }) }
}
