// Blobs (photos and recordings), addressed by the SHA-256 of their bytes: stored on this tablet when
// they are taken, uploaded after the acts, shown from here without a network.

import { deviceNow } from "../base/clock.js"
import { Problem } from "./forms.js"
import { conditional } from "../base/conditional.js"
import { answer, json } from "../base/responses.js"
import * as store from "../store/store.js"

const MEGABYTE = 1024 * 1024
const TYPES = ["image/jpeg", "image/png", "image/webp"]
const SOUNDS = ["audio/webm", "audio/mp4", "audio/ogg", "audio/wav"]
const HASH = /^[0-9a-f]{64}$/

/** POST /floor/blobs with the bytes as the body: JSON {sha256}, or {error} with 400, 413, 415 or 507. */
export async function keepBlob(ask) {
  const type = (ask.header("Content-Type") ?? "").split(";")[0]
  if (![...TYPES, ...SOUNDS].includes(type)) return json({ error: "not_a_photo" }, { status: 415 })
  const bytes = await ask.request.arrayBuffer()
  if (bytes.byteLength === 0) return json({ error: "not_a_photo" }, { status: 400 })
  const most = ask.world.settings["blobs.size_at_most"].value
  if (most !== null && bytes.byteLength > most * MEGABYTE) {
    return json({ error: "too_big" }, { status: 413 })
  }
  if (!looksLike(type, bytes)) return json({ error: "not_a_photo" }, { status: 415 })
  const sha256 = await hashOf(bytes)
  const expected = ask.header("Floorwalk-Sha256")
  if (expected && expected !== sha256) return json({ error: "hash_differs" }, { status: 400 })
  try {
    await store.keepBlob(sha256, new Blob([bytes], { type }), deviceNow())
  } catch (error) {
    if (error.name !== "QuotaExceededError") throw error
    return json({ error: "full" }, { status: 507 })
  }
  return json({ sha256 }, { status: 201 })
}

/** GET /floor/blobs/:hash, from this tablet or else from the server; a part of it where that is asked. */
export async function showBlob(ask) {
  const { hash } = ask.params
  if (!HASH.test(hash)) throw new Problem(404)
  const row = await store.blob(hash)
  if (!row) return fetched(ask, hash)
  const { status, headers, part } = conditional(ask.header, row.size, `"${hash}"`)
  const body = part && row.blob.slice(...part, row.type)
  return answer(body, part ? row.type : null, status, { ...headers, ...HARMLESS })
}

// A player that seeks in what is not here asks for a part: it is fetched as a part.
async function fetched(ask, hash) {
  const asked = ASKED.map(name => [name, ask.header(name)]).filter(([, value]) => value)
  const response = await fetch(`/sync/${ask.site}/_blob/${hash}`, {
    ...{ credentials: "same-origin", headers: Object.fromEntries(asked), method: ask.method },
  })
  if (!response.ok && ![304, 416].includes(response.status)) throw new Problem(404)
  const told = TOLD.map(name => [name, response.headers.get(name)]).filter(([, value]) => value)
  const headers = { ...Object.fromEntries(told), ...HARMLESS }
  const body = response.status === 304 || ask.method === "HEAD" ? null : response.body
  return answer(body, response.headers.get("Content-Type"), response.status, headers)
}

const ASKED = ["Range", "If-Range", "If-None-Match"]
const TOLD = ["Accept-Ranges", "Content-Length", "Content-Range", "ETag"]
// What people hand in must never run as a page of ours.
const HARMLESS = { "Content-Security-Policy": "default-src 'none'; sandbox" }

// How bytes of each type begin, as (position, letters): the server looks, too, and would refuse others.
const BEGINS = {
  "image/jpeg": [[0, "\u00ff\u00d8\u00ff"]],
  "image/png": [[0, "\u0089PNG"]],
  "image/webp": [
    [0, "RIFF"],
    [8, "WEBP"],
  ],
  "audio/webm": [[0, "\u001aE\u00df\u00a3"]],
  "audio/mp4": [[4, "ftyp"]],
  "audio/ogg": [[0, "OggS"]],
  "audio/wav": [
    [0, "RIFF"],
    [8, "WAVE"],
  ],
}

function looksLike(type, bytes) {
  const head = String.fromCharCode(...new Uint8Array(bytes.slice(0, 16)))
  return BEGINS[type].every(([at, letters]) => head.startsWith(letters, at))
}

async function hashOf(bytes) {
  const digest = await crypto.subtle.digest("SHA-256", bytes)
  return Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, "0")).join("")
}
