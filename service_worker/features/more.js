// More: how this tablet looks and where it stands, the fate of every act, and the way out.

import { deviceNow } from "../clock.js"
import { outbox } from "../outbox.js"
import { page, redirect, truthOf } from "../screens.js"
import { seeOther } from "../headers.js"
import { signOut } from "../session.js"
import * as store from "../store.js"

const CHOICES = {
  theme: ["", "light", "dark", "night"],
  hands: ["", "gloves"],
  side: ["", "left"],
  language: ["zh_Hans", "en"],
}

/** GET /floor/more */
export async function show(ask) {
  const places = ask.world
    .referenceOf("place")
    .filter(place => ["lobby", "area", "ward"].includes(place.kind))
  const more = {
    theme: ask.prefs.theme ?? "",
    hands: ask.prefs.hands ?? "",
    side: ask.prefs.side ?? "",
    language: ask.language,
    places: places.map(place => ({
      value: place._id,
      label: place.title,
      chosen: place._id === ask.place,
    })),
  }
  return page(ask, "features/more/show.html", { more }, { tab: "more" })
}

/** POST /floor/more: {theme, hands, side, language, place}, each only if it is said. */
export async function choose(ask) {
  const prefs = { ...ask.prefs }
  for (const [name, allowed] of Object.entries(CHOICES)) {
    const said = ask.form.get(name)
    if (allowed.includes(said)) prefs[name] = said
  }
  const place = ask.form.get("place")
  if (place && ask.world.reference(place)) prefs.place = place
  await store.remember({ prefs })
  return redirect(ask, "/floor/more")
}

/** GET /floor/sync */
export async function sync(ask) {
  return page(ask, "features/more/sync.html", { outbox: await outbox(ask) }, { tab: "more" })
}

/** POST /floor/sync/seen: the person knows that this act was refused. */
export async function seen(ask) {
  await store.seenRefused(ask.form.get("id") ?? "", deviceNow())
  return redirect(ask, "/floor/sync")
}

/** GET /floor/sign-out */
export async function leaving(ask) {
  return page(ask, "features/more/leaving.html", { truth: await truthOf(ask) }, { tab: "more" })
}

/** POST /floor/sign-out: what is unsent stays on the tablet unless somebody says `erase`. */
export async function leave(ask) {
  await signOut({ erase: ask.form.get("erase") === "yes" })
  return seeOther("/sign-in")
}
