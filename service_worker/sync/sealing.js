// What passes from one person to the next on a shared tablet: nothing that can be read. What somebody
// left behind, unsent acts, drafts, photos, is sealed for the server: ECDH on P-256 with a point made for
// this one sealing, HKDF, AES-GCM. Whoever comes next hands the boxes in, so that acts are not late; the
// author gets the key with that, and has drafts and photos back. Twin: server/replication/sealed.py.

import { newId } from "../rules/act.js"
import { deviceNow } from "../base/clock.js"
import * as sealed from "../store/sealed.js"
import * as store from "../store/store.js"

const CURVE = { name: "ECDH", namedCurve: "P-256" }
const INFO = new TextEncoder().encode("floorwalk sealed 1")
const POINT = 65 // bytes, of the tablet's point at the head of a box
const IV = 12 // bytes
const LUMP = 1_000_000 // letters of acts in one box; the server takes 12 MB
const LINE = 10 // the byte that ends the line of JSON

// Leaving

/** Seal what the person at this tablet has here, and take everything readable off it. */
export async function sealAway() {
  const person = store.meta("reader")
  const seal = store.meta("seal")
  for (;;) {
    const own = await sealed.belongings(person)
    const boxes = seal?.person === person ? await boxesOf(seal, own) : null
    if (await sealed.putAway(person, own, boxes)) break
  }
  await store.remember({ unsent: await unsent() })
}

async function boxesOf(seal, { acts, drafts, blobs }) {
  if (acts.length + drafts.length + blobs.length === 0) return []
  const { point, key } = await newKey(seal)
  const set = newId("sealing", deviceNow())
  const about = { by: seal.person, device: store.meta("device"), token: seal.token }
  const boxes = []
  const add = async (inside, rest, more) => {
    const head = new TextEncoder().encode(`${JSON.stringify({ ...about, ...inside })}\n`)
    const box = await locked(point, key, await new Blob([head, rest]).arrayBuffer())
    const row = { id: newId("sealed", deviceNow()), set, by: seal.person, key_id: seal.id }
    boxes.push({ ...row, at: deviceNow(), box, ...more })
  }
  for (const some of lumps(acts)) {
    const waiting = some.filter(row => row.state === "waiting").length
    await add({ rows: some }, "", { acts: some.length, waiting })
  }
  if (drafts.length) await add({ rows: [], drafts }, "", { acts: 0, waiting: 0 })
  for (const { blob, ...row } of blobs) {
    const more = { waiting: 0, sha256: row.sha256, wanted: Boolean(row.waiting) }
    await add({ sha256: row.sha256, type: row.type, row }, blob, more)
  }
  return boxes
}

function lumps(rows) {
  const all = []
  let room = 0
  for (const row of rows) {
    const size = JSON.stringify(row).length
    if (size > room) {
      all.push([])
      room = LUMP
    }
    all.at(-1).push(row)
    room -= size
  }
  return all
}

// Coming back, and handing in

/**
 * Hand in what is sealed here, and give this person back what is theirs; null, or the trouble.
 *
 * `ask(path, options)` asks the site.
 */
export async function handIn(ask, person) {
  const lock = store.meta("seal")?.id
  const rows = await sealed.rows()
  const keys = new Map() // of this person's sealings
  for (const row of rows.filter(row => isToDo(row, person, lock))) {
    const answer = await send(ask, row.id)
    if (answer.trouble === "stopped" || answer.trouble === "too_big") {
      await sealed.note(row.id, { refused: lock }) // tried again when the server has another key
      continue
    }
    if (answer.trouble) return answer
    if (answer.body.key) keys.set(row.set, bytesOf(answer.body.key))
    await sealed.note(row.id, { handed_at: deviceNow() })
  }
  for (const [set, key] of keys) {
    await giveBack(
      rows.filter(row => row.set === set),
      key,
    )
  }
  await store.remember({ unsent: await unsent() })
  return null
}

// Of one's own every box of words is sent, for its key; photos are opened here with that.
function isToDo(row, person, lock) {
  if (row.refused === lock) return false
  if (row.by === person) return row.sha256 === undefined
  return !row.handed_at && (row.waiting > 0 || row.wanted)
}

async function send(ask, id) {
  const body = await sealed.boxOf(id)
  return ask("_sealed", { method: "POST", body, type: "application/octet-stream" })
}

async function giveBack(rows, raw) {
  const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["decrypt"])
  const back = { acts: [], drafts: [], blobs: [] }
  for (const { id } of rows) {
    const inside = await unlocked(key, await sealed.boxOf(id))
    const end = inside.indexOf(LINE)
    const head = JSON.parse(new TextDecoder().decode(inside.subarray(0, end)))
    back.acts.push(...(head.rows ?? []))
    back.drafts.push(...(head.drafts ?? []))
    if (head.row) {
      const blob = new Blob([inside.subarray(end + 1)], { type: head.type })
      back.blobs.push({ ...head.row, blob })
    }
  }
  await sealed.putBack(
    rows.map(row => row.id),
    back,
  )
}

// What waits

/** Return {waiting, oldest}: the unsent acts of this tablet, those that others left here among them. */
export async function unsent() {
  const { waiting } = await store.atHand()
  const left = (await sealed.rows()).filter(row => sealed.unsentIn(row))
  const moments = [...[...waiting.values()].map(row => row.act.at), ...left.map(row => row.at)]
  const all = waiting.size + left.reduce((sum, row) => sum + row.waiting, 0)
  return { waiting: all, oldest: all ? Math.min(...moments) : null }
}

// Locks

async function newKey(seal) {
  const theirs = await crypto.subtle.importKey("raw", bytesOf(seal.key), CURVE, false, [])
  const mine = await crypto.subtle.generateKey(CURVE, false, ["deriveBits"])
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", mine.publicKey))
  const agreed = { name: "ECDH", public: theirs }
  const shared = await crypto.subtle.deriveBits(agreed, mine.privateKey, 256)
  const from = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"])
  const how = { name: "HKDF", hash: "SHA-256", salt: point, info: INFO }
  const aes = { name: "AES-GCM", length: 256 }
  return { point, key: await crypto.subtle.deriveKey(how, from, aes, false, ["encrypt"]) }
}

async function locked(point, key, inside) {
  const iv = crypto.getRandomValues(new Uint8Array(IV))
  const secret = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, inside)
  return new Uint8Array(await new Blob([point, iv, secret]).arrayBuffer())
}

async function unlocked(key, box) {
  const iv = box.subarray(POINT, POINT + IV)
  const how = { name: "AES-GCM", iv }
  return new Uint8Array(await crypto.subtle.decrypt(how, key, box.subarray(POINT + IV)))
}

const bytesOf = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0))
