// The sync page: the state of every act of this device, an act beside its record on the server, why
// replication does not go on, and trying at once.

import { deviceNow } from "../base/clock.js"
import { Problem } from "../screens/forms.js"
import { bothSides, syncStatus } from "../models/sync_status.js"
import { page, redirect } from "../screens/screens.js"
import * as store from "../store/store.js"
import { storyOf } from "../models/labels.js"
import { syncNow } from "../sync/sync_turn.js"
import { hrefOf } from "../models/reference.js"

const PATIENCE = 2_000 // ms that the page waits to say how it went; it goes on behind it
const SHOWN = 8 // acts of the other side

/** GET /floor/sync */
export async function show(ask) {
  return page(ask, "features/sync/show.html", { outbox: await syncStatus(ask) }, { tab: "more" })
}

/** POST /floor/sync/now: somebody wants it to be tried at once. */
export async function now(ask) {
  const patience = new Promise(resolve => setTimeout(resolve, PATIENCE))
  await Promise.race([syncNow({ force: true }), patience])
  return redirect(ask, "/floor/sync")
}

/** GET /floor/sync/:key: what was entered here beside what the server has. */
export async function both(ask) {
  const sides = await bothSides(ask, ask.params.key)
  if (!sides) throw new Problem(404)
  const { fate, said, record } = sides
  const there = {
    story: record ? storyOf(ask, record).slice(0, SHOWN) : [],
    href: record ? hrefOf(record) : "",
  }
  return page(ask, "features/sync/both.html", { fate, said, there }, { tab: "more" })
}

/** POST /floor/sync/seen: the person knows that this act was refused, and leaves it to the office. */
export async function seen(ask) {
  await store.markRefusalSeen(`act:${ask.form.get("key") ?? ""}`, deviceNow())
  return redirect(ask, "/floor/sync")
}
