// What has not arrived, as a file for a tablet that cannot reach its server again: one's own acts in
// plain words, those of others as they were sealed, which only the server opens.

import { version } from "../generated/version.js"
import { answer } from "../base/responses.js"
import { rowsOfNewer } from "../store/database.js"
import * as sealed from "../store/sealed.js"
import * as store from "../store/store.js"

/** GET /floor/rescue.json */
export async function rescueFile(ask) {
  const { waiting, refused } = await store.atHand()
  const rows = [...waiting.values(), ...refused.values()]
  const left = (await sealed.rows()).filter(row => row.by !== ask.person._id && isUndelivered(row))
  const boxes = await Promise.all(
    left.map(async row => ({ ...row, box: await sealed.boxOf(row.id) })),
  )
  const about = { device: ask.device, site: ask.site, saved_at: ask.now }
  return fileOf(about, ask.person._id, rows, boxes)
}

/** The same of a database that a newer version of the app made, which this one cannot open. */
export async function rescueOfNewer(now) {
  const { acts = [], sealed: boxes = [] } = await rowsOfNewer(["acts", "sealed"])
  const unsent = acts.filter(row => row.state !== "sent")
  // What others left is sealed: an act that can be read is of whoever works here.
  const by = unsent.at(-1)?.by
  return fileOf({ saved_at: now }, by, unsent, boxes.filter(isUndelivered))
}

const isUndelivered = row => !row.handed_at && (row.waiting > 0 || row.wanted)

function fileOf(about, person, rows, boxes) {
  const acts = rows.filter(row => row.by === person).map(row => row.act)
  const left = boxes.map(({ by, at, waiting, box }) => ({ by, at, waiting, box: textOf(box) }))
  const file = { floorwalk: version, ...about, acts, sealed: left }
  const name = `floorwalk-${about.site ?? "tablet"}-${about.saved_at}.json`
  return answer(JSON.stringify(file, null, 2), "application/json", 200, {
    "Content-Disposition": `attachment; filename="${name}"`,
  })
}

function textOf(bytes) {
  let letters = ""
  for (let at = 0; at < bytes.length; at += LUMP) {
    letters += String.fromCharCode(...bytes.subarray(at, at + LUMP))
  }
  return btoa(letters)
}

const LUMP = 8_192 // bytes in one call; a call with a million arguments fails
