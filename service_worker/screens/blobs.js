// Blobs (photos and recordings), addressed by the SHA-256 of their bytes: stored on this tablet when
// they are taken, uploaded after the acts, shown from here without a network.

import { deviceNow } from "../base/clock.js"
import { Problem } from "./forms.js"
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

/** GET /floor/blobs/:hash, from this tablet or else from the server. */
export async function showBlob(ask) {
  const { hash } = ask.params
  if (!HASH.test(hash)) throw new Problem(404)
  const row = await store.blob(hash)
  if (row) return answer(row.blob, row.type)
  const response = await fetch(`/sync/${ask.site}/_blob/${hash}`, { credentials: "same-origin" })
  if (!response.ok) throw new Problem(404)
  return answer(response.body, response.headers.get("Content-Type"))
}

async function hashOf(bytes) {
  const digest = await crypto.subtle.digest("SHA-256", bytes)
  return Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, "0")).join("")
}
