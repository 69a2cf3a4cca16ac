// PouchDB 9 as a client that knows nothing of Floorwalk: it pulls a site live and pushes acts.

import { memory, site } from "../peers/pouch.mjs"

const PATIENCE = 10_000
const pulls = new Map()
let made = 0

// Begin to pull into a new database; return how it stands once everything that was there is here.
export async function pull(name, url, cookie, batch) {
  const local = memory(name)
  const replication = local.replicate.from(site(url, cookie), {
    live: true,
    retry: true,
    batch_size: batch,
  })
  const seen = { denied: 0, errors: [], changes: 0 }
  replication.on("change", info => (seen.changes += info.docs.length))
  replication.on("denied", () => (seen.denied += 1))
  replication.on("error", error => seen.errors.push(String(error)))
  pulls.set(name, { local, replication, seen })
  await new Promise((resolve, reject) => {
    replication.once("paused", resolve)
    replication.once("error", reject)
  })
  return all(name)
}

// {id: rev} of everything that was pulled.
export async function all(name) {
  const { local } = pulls.get(name)
  const { rows } = await local.allDocs({ conflicts: true })
  return Object.fromEntries(rows.map(row => [row.id, row.value.rev]))
}

export async function got(name, id) {
  const ends = Date.now() + PATIENCE
  const { local } = pulls.get(name)
  for (;;) {
    try {
      return await local.get(id, { conflicts: true, revs: true })
    } catch (error) {
      if (error.status !== 404 || Date.now() > ends) throw error
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  }
}

// Wait until the copy of a document has a revision.
export async function reached(name, id, rev) {
  const ends = Date.now() + PATIENCE
  for (;;) {
    const document = await got(name, id)
    if (document._rev === rev) return document
    if (Date.now() > ends) throw new Error(`${id} stayed at ${document._rev}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

export async function stop(name) {
  const { replication, local, seen } = pulls.get(name)
  replication.cancel()
  await local.destroy()
  pulls.delete(name)
  return seen
}

// Pull once into a database that may have been pulled into before; return what was read.
export async function pullOnce(name, url, cookie) {
  const local = pulls.get(name)?.local ?? memory(name)
  pulls.set(name, { local, replication: { cancel() {} }, seen: {} })
  const done = await local.replicate.from(site(url, cookie))
  return { read: done.docs_read, written: done.docs_written, last: done.last_seq, ok: done.ok }
}

// Push acts from an outbox, once; return what PouchDB says of it.
export async function push(url, cookie, acts, batch = 100) {
  const outbox = memory(`outbox-${made++}`)
  await outbox.bulkDocs(acts)
  const denied = []
  const replication = outbox.replicate.to(site(url, cookie), { batch_size: batch })
  replication.on("denied", row => denied.push(row.doc ?? row))
  const done = await replication
  const again = await outbox.replicate.to(site(url, cookie))
  await outbox.destroy()
  return {
    ok: done.ok,
    written: done.docs_written,
    failures: done.doc_write_failures,
    denied: denied.map(row => ({ id: row.id, reason: row.reason ?? row.message })),
    again: again.docs_read,
  }
}

// What PouchDB reads of a database without copying it, as an application would.
export async function reads(url, cookie, id, old) {
  const db = site(url, cookie)
  const { _rev: rev } = await db.get(id)
  const ask = options => db.get(id, options)
  const failed = async promise => {
    try {
      return await promise
    } catch (error) {
      return { status: error.status, name: error.name, reason: error.reason }
    }
  }
  const changes = options => db.changes({ since: 0, ...options })
  const rows = ({ results }) => results.map(row => row.id)
  return {
    rev,
    info: await db.info(),
    id: await db.id(),
    revs: (await ask({ revs: true, revs_info: true, conflicts: true }))._revisions.start,
    latest: (await ask({ rev: old, latest: true }))._rev,
    old: await failed(ask({ rev: old })),
    open: await ask({ open_revs: [rev, old] }),
    all: (await ask({ open_revs: "all" })).map(row => row.ok._rev),
    nobody: await failed(db.get("waiting:nobody")),
    listed: (await db.allDocs({ keys: [id, "nobody"] })).rows.map(row => row.error ?? row.value.rev),
    range: (await db.allDocs({ startkey: "waiting:", endkey: "waiting:\uffff" })).rows.length,
    some: rows(await changes({ doc_ids: [id, "nobody"] })),
    selected: rows(await changes({ selector: { type: "waiting" } })),
    few: rows(await changes({ limit: 2, include_docs: true, conflicts: true })).length,
    everything: rows(await changes({ batch_size: 5_000 })).length,
    now: rows(await changes({ since: "now" })).length,
    missing: await db.revsDiff({ [id]: [rev, "7-abc"] }),
    written: await failed(db.put({ _id: id, _rev: rev, title: "mine" })),
    removed: await failed(db.remove(id, rev)),
    compacted: await failed(db.compact()),
  }
}

// The attachments of a pulled document, and of the same one read from afar: {name: base64}.
export async function attached(name, url, cookie, id) {
  const { local } = pulls.get(name)
  const here = await local.get(id, { attachments: true })
  const afar = await site(url, cookie).get(id, { attachments: true })
  const data = doc =>
    Object.fromEntries(
      Object.entries(doc._attachments ?? {}).map(([file, { data, digest }]) => [file, [data, digest]]),
    )
  return [data(here), data(afar)]
}
