// The beds that somebody looks after, ward by ward and room by room, each free or with who lies there: the
// list of a kind of record that names a link for its `tiles`. Beds are places, so they are there although
// no record is.

import { byOrder } from "./labels.js"
import { isWithin } from "./reach.js"
import { hrefOf } from "./reference.js"
import { isGone, nameOf } from "./rows.js"
import * as store from "../store/store.js"
import { _ } from "../base/words.js"

const MOST = 600 // records that lie in beds
const SORT = "bed"

/** Return the places of one sort that a person looks after, in the order of the house. */
export const placesOfSort = (ask, sort) =>
  ask.world
    .referenceOf("place")
    .filter(place => place.kind === sort && isWithin(ask.world, ask.person, place._id))
    .sort(byOrder)

/**
 * Return [{label, rooms: [{label, free, tiles: [{href, label, name, side, state, current}]}]}] of a kind with
 * `tiles`. `words` gives {side, side_state} of a record, `create` is where a new one begins, if it may.
 */
export async function tilesOf(ask, kind, { create, words, current }) {
  const beds = kind.tiles ? placesOfSort(ask, SORT) : []
  if (!beds.length) return []
  const [list] = kind.lists
  const { records } = await store.list(`${kind.name}.${list.name}`, { limit: MOST, reverse: true })
  const there = new Map(records.filter(one => !isGone(one)).map(one => [one[kind.tiles], one]))
  const tile = bed => tileOf(ask, kind, bed, there.get(bed._id), { create, words, current })
  const around = bed => ask.world.reference(bed.inside)
  const wardOf = bed => {
    const near = around(bed)
    return near?.kind === "room" ? around(near) : near
  }
  return [...Map.groupBy(beds, wardOf)].map(([ward, some]) => ({
    label: ward?.title ?? "",
    rooms: [...Map.groupBy(some, around)].map(([room, few]) => ({
      label: room === ward ? "" : (room?.title ?? ""),
      free: few.filter(bed => !there.has(bed._id)).length,
      tiles: few.map(tile),
    })),
  }))
}

function tileOf(ask, kind, bed, record, { create, words, current }) {
  if (!record) {
    const href = create ? `${create.href}?${kind.tiles}=${encodeURIComponent(bed._id)}` : ""
    return { href, label: bed.title, name: ask.say(_("Free bed")), side: "", state: "vacant" }
  }
  const { side, side_state: state } = words(record)
  const href = hrefOf(record)
  const name = nameOf(ask, record)
  return { href, label: bed.title, name, side, state, current: href === current }
}
