// PouchDB 9 between a site and another database server: one history at a time.

import { memory, PouchDB, site } from "../peers/pouch.mjs"

const copies = new Map()
let outboxes = 0

const leaves = async db => {
  const { results } = await db.changes({ since: 0, style: "all_docs" })
  return results.map(row => [row.id, row.changes.map(change => change.rev).sort()])
}

// Push acts as their author to the site and to a database of acts; copy what the reader may see into
// a database here and into one there; return what each says it has.
export async function history({ name, url, reader, author, acts, records, handed, batch }) {
  const local = copies.get(name) ?? memory(name)
  copies.set(name, local)
  const there = new PouchDB(records)
  const outbox = memory(`outbox-${outboxes++}`)
  await outbox.bulkDocs(acts)
  const denied = []
  const pushing = outbox.replicate.to(site(url, author), { batch_size: batch })
  pushing.on("denied", row => denied.push((row.doc ?? row).id))
  await pushing
  await outbox.replicate.to(new PouchDB(handed), { batch_size: batch })
  await local.replicate.from(site(url, reader), { batch_size: batch })
  await PouchDB.replicate(site(url, reader), there, { batch_size: batch })
  const kept = await leaves(outbox)
  await outbox.destroy()
  return { denied, kept, pouch: await leaves(local), couch: await leaves(there) }
}

export async function forget(name) {
  await copies.get(name)?.destroy()
  copies.delete(name)
}
