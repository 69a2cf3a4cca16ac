// The floor app as a function from Request to Response: checks who is signed in, routes to a screen, turns
// errors into pages, and always answers within a deadline.

import { clock } from "./rules/display_format.js"
import { nowWith } from "./base/clock.js"
import { headOnly } from "./base/conditional.js"
import { isOf } from "./base/origin.js"
import { draftOf } from "./screens/drafts.js"
import { Problem } from "./screens/forms.js"
import { html, json, seeOther } from "./base/responses.js"
import { Late } from "./base/time_limits.js"
import { match, methodsOf } from "./routes.js"
import { draw, problemPage, problemWords } from "./screens/screens.js"
import { current, settleDoubt } from "./sync/session.js"
import * as store from "./store/store.js"
import { spoken } from "./base/languages.js"
import { FIRST_LANGUAGE, speaks, translated } from "./base/words.js"
import { isWithin, withKind } from "./models/reach.js"
import { worldAt } from "./models/reference.js"
import { rescueOfNewer } from "./models/rescue_file.js"

const DEADLINE = 3000 // ms; on iOS a database call may never return after the app was suspended
const NEWER = "VersionError" // a newer version of the app made the database: this one cannot open it
const OWN_ORIGIN = self.location.origin

/** Answer a request below /floor/ with a Response; never throws, never takes longer than DEADLINE. */
export const handle = request => answered(request, respond)

async function answered(request, respond) {
  let timer
  const deadline = new Promise(resolve => {
    timer = setTimeout(() => resolve(excuse(request, 504)), DEADLINE)
  })
  try {
    return await Promise.race([respond(request), deadline])
  } catch (error) {
    const isRescue = new URL(request.url).pathname === "/floor/rescue.json"
    if (error.name === NEWER && isRescue) return await rescueOfNewer(nowWith(null))
    return await excuse(request, statusOf(error))
  } finally {
    clearTimeout(timer)
  }
}

async function respond(request) {
  await store.ready()
  await settleDoubt()
  const session = current()
  if (!session || !store.meta("usable") || !session.person.posts?.length) return outside(request)
  // A form of another site must not post here (CSRF).
  if (!["GET", "HEAD"].includes(request.method) && !isOf(OWN_ORIGIN, request.referrer)) {
    throw new Problem(403)
  }
  const url = new URL(request.url)
  const route = match(request.method, url.pathname)
  const ask = await askOf(request, url, session, route?.params ?? {})
  if (!route) return nowhere(ask)
  try {
    const response = await route.screen(ask)
    return request.method === "HEAD" ? headOnly(response) : response
  } catch (error) {
    const status = statusOf(error)
    return problemPage(ask, problemWords(ask, status, error.message), status)
  }
}

async function nowhere(ask) {
  const allowed = methodsOf(ask.url.pathname)
  const status = allowed ? 405 : 404
  const page = await problemPage(ask, problemWords(ask, status), status)
  if (allowed) page.headers.set("Allow", allowed)
  return ask.method === "HEAD" ? headOnly(page) : page
}

// Builds the one argument of every screen, `ask`: the request's parts, the person, the moment, and the
// reference data (see screens/README.md).
async function askOf(request, url, session, params) {
  const now = nowWith(store.meta("offset"))
  const world = await worldAt(now)
  const person = world.reference(session.person._id) ?? session.person
  const prefs = store.prefs()
  const language = await spoken(prefs.language || person.language || FIRST_LANGUAGE, { now })
  const header = name => request.headers.get(name)
  return {
    ...{ request, url, params, query: url.searchParams, method: request.method },
    ...{ header, referrer: request.referrer, form: await formOf(request) },
    htmx: header("HX-Request") === "true",
    partial: header("HX-Request-Type") === "partial",
    ...{ now, world, person, prefs, language },
    site: session.site,
    device: store.meta("device"),
    place: placeIn(world, person, prefs),
    chosenPlace: prefs.place || "",
    say: (sentence, values) => translated(language, sentence, values),
    clock: at => clock(at),
    draft: key => draftOf(person._id, key),
  }
}

// The chosen place counts as long as it is one of theirs.
function placeIn(world, person, { place }) {
  return place && isWithin(world, person, place) ? place : placeOf(person)
}

const placeOf = person => (person.places?.length ? withKind(person.places[0]) : undefined)

async function formOf(request) {
  const type = request.headers.get("Content-Type") ?? ""
  const isForm = /^(application\/x-www-form-urlencoded|multipart\/form-data)/.test(type)
  return request.method === "POST" && isForm ? request.formData() : null
}

// Nobody is signed in here, or there is nothing to show yet: the server has the sign-in and bootstrap
// pages.
async function outside(request) {
  if (request.headers.get("HX-Request") === "true") {
    // Whose data were cleared under an open page is signed in still: the page begins again as a whole.
    const remedy = store.meta("site") ? { "HX-Redirect": "/sign-in" } : { "HX-Refresh": "true" }
    return html("", { headers: remedy })
  }
  if (request.mode !== "navigate") return json({ error: "signed_out" }, { status: 401 })
  try {
    return await fetch(request)
  } catch {
    return excuse(request, 503)
  }
}

function statusOf(error) {
  if (error instanceof Problem) return error.status
  if (error.name === "QuotaExceededError") return 507
  if (error instanceof Late) return 504
  if (error.name === NEWER) return 409
  self.reportError?.(error)
  return 500
}

// A problem page that needs no database and no session, since these may be what is broken.
function excuse(request, status) {
  const chosen = store.prefs().language
  const language = speaks(chosen) ? chosen : FIRST_LANGUAGE
  const ask = {
    ...{
      language,
      prefs: store.prefs(),
      person: null,
      now: nowWith(store.meta("offset")),
    },
    ...{ referrer: request.referrer, header: name => request.headers.get(name) },
    htmx: request.headers.get("HX-Request") === "true",
    say: (sentence, values) => translated(language, sentence, values),
  }
  const problem = problemWords(ask, status)
  if (ask.htmx) return html(draw(ask, "parts/problem.html", { problem }), { status })
  return problemPage(ask, problem, status)
}

/** Answer `/`: the first screen of whoever is signed in, even without a network; else the server's page. */
export const frontDoor = request => answered(request, entered)

async function entered(request) {
  await store.ready()
  await settleDoubt()
  const posts = current()?.person.posts ?? []
  if (posts.length && store.meta("usable")) return seeOther("/floor/lobby")
  return outside(request)
}
