// The tablet's own code, from replicate.js down to IndexedDB, in the life of a simulated tablet: it is
// given the same answers, must ask for the same things, and is looked into after every step.

import { createRequire } from "node:module"

const from = folder => createRequire(new URL(`../../${folder}/package.json`, import.meta.url))
from("tests/peers")("fake-indexeddb/auto")
const { openDB } = from("service_worker")("idb")
const store = await import("../../service_worker/store/store.js")
const session = await import("../../service_worker/sync/session.js")
const { sync } = await import("../../service_worker/sync/replicate.js")

const AFTER_A_TURN = 60_000 // ms: time is up
let now = 0
let turn = null // the one that is being lived: {person, epoch, answers, ends_early}
let wrong = []

Date.now = () => now
globalThis.caches = { open: async () => ({ match: async () => true, delete: async () => true }) }
globalThis.fetch = async (path, { body } = {}) => {
  const url = new URL(path, "http://site")
  const name = url.pathname.split("/").at(-1)
  if (name === "_session") return answer({ person: { _id: turn.person }, site: "demo" })
  if (name === "_manifest") return answer({ behind: true })
  const next = turn.answers.shift()
  if (next === undefined) {
    if (!turn.ends_early) wrong.push(`asks for ${name} once more`)
    throw new TypeError("the simulated tablet went no further")
  }
  const asked =
    name === "_bulk_docs" ? JSON.parse(body).docs.map(act => act._id) : url.searchParams.get("since")
  if (name !== next.path || JSON.stringify(asked) !== JSON.stringify(next.asked)) {
    wrong.push(`asks for ${name} ${asked}, not for ${next.path} ${next.asked}`)
  }
  if (next.trouble === "offline") throw new TypeError("offline")
  if (next.trouble) return answer({}, { status: next.trouble === "signed_out" ? 401 : 503 })
  if (turn.answers.length === 0 && turn.ends_early) now += AFTER_A_TURN
  return answer(next.body, { epoch: next.epoch })
}

function answer(body, { status = 200, epoch } = {}) {
  const headers = { "Content-Type": "application/json", "Floorwalk-Now": String(now) }
  if (epoch) headers["Floorwalk-Epoch"] = epoch
  return new Response(JSON.stringify(body), { status, headers })
}

// Live one life; return {kept, wrong} after each step.
export async function lived(steps) {
  await store.ready()
  await store.eraseAll()
  await store.remember({ site: "demo", device: "device:simulated" })
  const found = []
  for (const step of steps) {
    now = step.at
    wrong = []
    if (step.act) await store.keep([step.act], { keptAt: step.at })
    else {
      turn = step
      await session.doubtSession()
      await session.settleDoubt()
      const { state, more } = await sync({ force: true })
      if (turn.answers.length) wrong.push(`asked too little: ${turn.answers.length}, ${state} ${more}`)
    }
    found.push({ kept: await kept(), wrong })
  }
  return found
}

async function kept() {
  const db = await openDB("floorwalk")
  const of = async (name, told) =>
    Object.fromEntries((await db.getAll(name)).map(row => [row._id, told(row)]))
  const found = {
    view: await of("view", row => [row.record, row.round]),
    base: await of("base", row => [row.record, row.round]),
    acts: await of("acts", row => [
      row.state,
      row.over === row.record,
      row.waiting ?? null,
      row.state === "refused" ? row.code : "",
    ]),
    meta: ["checkpoint", "epoch", "round", "whole"].map(key => store.meta(key) ?? null),
  }
  db.close()
  return found
}
