// The floor app as a function: a request goes in, an answer comes out within the deadline.

import { declarations } from "./generated/declarations.js"
import { clock } from "./rules/format.js"
import { nowWith } from "./base/clock.js"
import { draftOf } from "./screens/drafts.js"
import { Problem } from "./screens/forms.js"
import { html, json, seeOther } from "./base/headers.js"
import { Late } from "./base/limits.js"
import { match } from "./routes.js"
import { draw, problemPage, problemWords } from "./screens/screens.js"
import { current, settleDoubt } from "./sync/session.js"
import * as store from "./store/store.js"
import { translated } from "./base/words.js"
import { worldAt } from "./models/reference.js"

const DEADLINE = 3000 // ms; a device that suspended its database may never answer
const OWN_ORIGIN = self.location.origin
const FIRST_LANGUAGE = declarations.languages[0][0]

/** Answer a request below /floor/. */
export const handle = request => answered(request, respond)

async function answered(request, respond) {
  let late
  const deadline = new Promise(resolve => {
    late = setTimeout(() => resolve(excuse(request, 504)), DEADLINE)
  })
  try {
    return await Promise.race([respond(request), deadline])
  } catch (error) {
    return await excuse(request, statusOf(error))
  } finally {
    clearTimeout(late)
  }
}

async function respond(request) {
  await store.ready()
  await settleDoubt()
  const session = current()
  if (!session || !store.meta("usable") || !session.person.posts?.length) return outside(request)
  if (request.method === "POST" && !request.referrer.startsWith(OWN_ORIGIN)) throw new Problem(403)
  const url = new URL(request.url)
  const found = match(request.method, url.pathname)
  const ask = await asking(request, url, session, found?.params ?? {})
  if (!found) return problemPage(ask, problemWords(ask, 404), 404)
  try {
    return await found.screen(ask)
  } catch (error) {
    const status = statusOf(error)
    return problemPage(ask, problemWords(ask, status), status)
  }
}

/** What a screen is asked: who, what, when, and what the tablet knows. */
async function asking(request, url, session, params) {
  const now = nowWith(store.meta("offset"))
  const world = await worldAt(now)
  const person = world.reference(session.person._id) ?? session.person
  const prefs = store.meta("prefs") ?? {}
  const language = prefs.language || person.language || FIRST_LANGUAGE
  const header = name => request.headers.get(name)
  return {
    ...{ request, url, params, query: url.searchParams, method: request.method },
    ...{ header, referrer: request.referrer, form: await formOf(request) },
    htmx: header("HX-Request") === "true",
    partial: header("HX-Request-Type") === "partial",
    ...{ now, world, person, prefs, language },
    site: session.site,
    device: store.meta("device"),
    place: prefs.place || placeOf(person),
    say: (sentence, values) => translated(language, sentence, values),
    clock: at => clock(at),
    draft: draftOf,
  }
}

function placeOf(person) {
  const [first] = person.places ?? []
  return !first || first.startsWith("place:") ? first : `place:${first}`
}

async function formOf(request) {
  const type = request.headers.get("Content-Type") ?? ""
  const isForm = /^(application\/x-www-form-urlencoded|multipart\/form-data)/.test(type)
  return request.method === "POST" && isForm ? request.formData() : null
}

// Nobody is signed in here, or there is nothing to show yet: that is the server's business.
async function outside(request) {
  if (request.headers.get("HX-Request") === "true") {
    return html("", { headers: { "HX-Redirect": "/sign-in" } })
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
  self.reportError?.(error)
  return 500
}

/** A page that needs nothing of what may be broken. */
function excuse(request, status) {
  const language = store.meta("prefs")?.language ?? FIRST_LANGUAGE
  const ask = {
    ...{
      language,
      prefs: store.meta("prefs") ?? {},
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

/** The front door, without a network: where this person begins. */
export const frontDoor = request => answered(request, entered)

async function entered(request) {
  await store.ready()
  await settleDoubt()
  const posts = current()?.person.posts ?? []
  if (posts.length && store.meta("usable")) return seeOther("/floor/lobby")
  return outside(request)
}
