// The screen “More”: links to everything else, preferences of this tablet (looks, language, place),
// signing out.

import { declarations } from "../generated/declarations.js"
import { version } from "../generated/version.js"
import { learn } from "../base/languages.js"
import { seeOther } from "../base/responses.js"
import { unseen } from "../models/notices.js"
import { isWithin, withKind } from "../models/reach.js"
import { declaredKinds } from "../models/reference.js"
import { countOf, dueOf, lateOf, openCounts } from "../models/registers.js"
import { may } from "../screens/acts.js"
import { Problem } from "../screens/forms.js"
import { farewell, page, redirect, truthOf } from "../screens/screens.js"
import { signOut } from "../sync/session.js"
import * as store from "../store/store.js"
import { network } from "../sync/uploads.js"
import { _ } from "../base/words.js"

const CHOICES = {
  theme: ["", "light", "dark", "night"],
  hands: ["", "gloves"],
  side: ["", "left"],
  language: declarations.languages.map(([name]) => name),
  photos: ["", "wifi"],
}
const PLACES = ["lobby", "area", "ward"]
const STATES = 3 // of a register that a line counts
const NO_WORDS = _(
  "The words of this language are not on this device yet, and the server cannot be reached.",
)

/** GET /floor/more */
export async function show(ask) {
  const more = {
    links: await linksOf(ask),
    books: await booksOf(ask),
    office: ask.person.posts.some(post => declarations.office_posts.includes(post)),
    theme: ask.prefs.theme ?? "",
    hands: ask.prefs.hands ?? "",
    side: ask.prefs.side ?? "",
    languages: declarations.languages.map(([name, , label]) => ({
      ...{ value: name, label, chosen: name === ask.language },
    })),
    photos: ask.prefs.photos ?? "",
    knows_wifi: network().known,
    places: placesOf(ask),
    version,
    device: (store.meta("device") ?? "").slice(-4),
  }
  return page(ask, "features/more/show.html", { more }, { tab: "more" })
}

async function linksOf(ask) {
  const { waiting, refused } = await truthOf(ask)
  const unseenNotices = (await unseen(ask)).length
  const link = (href, sign, name, about, count = 0) => ({
    href,
    sign,
    name: ask.say(name),
    about: ask.say(about),
    side: count ? String(count) : "",
  })
  return [
    link(
      "/floor/sync",
      "send",
      _("What was sent, and what still waits"),
      _("every act of this device and what became of it"),
      waiting + refused,
    ),
    link("/floor/search", "search", _("Search"), _("by name, initials, phone or number")),
    link("/floor/doctors", "stethoscope", _("Doctors"), _("who is in which room, and what for")),
    link(
      "/floor/complaints",
      "message-square-text",
      _("Complaints"),
      _("taken here, and how far they are"),
    ),
    link(
      "/floor/notices",
      "bell",
      _("What I was told"),
      _("clocks that ran out, deadlines that moved"),
      unseenNotices,
    ),
  ]
}

// Every declared kind in its book, with what is open and what is due: [{label, tasks}].
async function booksOf(ask) {
  const { books } = ask.world.declarations
  const groups = await Promise.all(
    books.map(async ([book, label]) => {
      const kinds = declaredKinds().filter(([, kind]) => kind.book === book)
      const tasks = await Promise.all(kinds.map(([, kind]) => registerOf(ask, kind)))
      return { label: ask.say(label), tasks: tasks.filter(Boolean) }
    }),
  )
  return groups.filter(({ tasks }) => tasks.length)
}

// A kind of which this person makes none and holds none has no place here: null.
async function registerOf(ask, kind) {
  const makes = Object.entries(ask.world.declarations.acts).some(
    ([name, act]) => act.creates && name.startsWith(`${kind.name}.`) && may(ask, name),
  )
  if (!makes && !(await countOf(kind, ""))) return null
  const open = (await openCounts(ask, kind)).filter(([, n]) => n)
  const words = open.slice(0, STATES).map(([label, n]) => [label && ask.say(label), n].join(" "))
  const late = lateOf(ask, dueOf(ask, kind))
  const state = late.some(one => one.state === "over") ? "over" : "due"
  return {
    ...{ href: `/floor/${kind.path}`, sign: kind.icon, name: ask.say(kind.many ?? kind.label) },
    about: words.join("·").trim() || ask.say(_("nothing open")),
    side: late.length ? ask.say(_("%(n)s past its time"), { n: late.length }) : "",
    side_state: state,
  }
}

// Where somebody can be on duty: their own places and those inside, the ones they look after first.
function placesOf(ask) {
  const mine = new Set([ask.place, ...(ask.person.places ?? []).map(withKind)])
  return ask.world
    .referenceOf("place")
    .filter(place => isWithin(ask.world, ask.person, place._id))
    .filter(place => PLACES.includes(place.kind) || mine.has(place._id))
    .sort(
      (one, other) =>
        mine.has(other._id) - mine.has(one._id) || (one.order ?? 0) - (other.order ?? 0),
    )
    .map(place => ({
      value: place._id,
      label: place.title,
      chosen: place._id === ask.place,
    }))
}

/**
 * POST /floor/more: {theme, hands, side, language, photos, place}; what the form lacks stays as it is. A language
 * whose words are not here and cannot be fetched is not chosen.
 */
export async function choose(ask) {
  const language = ask.form.get("language")
  if (CHOICES.language.includes(language) && !(await learn(language))) {
    throw new Problem(422, ask.say(NO_WORDS))
  }
  const prefs = { ...ask.prefs }
  for (const [name, allowed] of Object.entries(CHOICES)) {
    const value = ask.form.get(name)
    if (allowed.includes(value)) prefs[name] = value
  }
  const place = ask.form.get("place")
  if (place && isWithin(ask.world, ask.person, place)) prefs.place = place
  await store.rememberPrefs(ask.person._id, prefs)
  return redirect(ask, "/floor/more")
}

/** GET /floor/sign-out */
export async function leaving(ask) {
  const { waiting } = await truthOf(ask)
  const leaving = { waiting, name: ask.person.title || ask.person.name || "" }
  return page(ask, "features/more/leaving.html", { leaving }, { tab: "more" })
}

/** POST /floor/sign-out: unsent acts stay on the tablet unless the form says `erase`. */
export async function leave(ask) {
  const isTold = await signOut({ erase: ask.form.get("erase") === "yes" })
  return isTold ? seeOther("/sign-in") : farewell(ask)
}
