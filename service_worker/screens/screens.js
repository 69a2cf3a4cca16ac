// Makes the responses of screens: whole pages, htmx fragments with the parts of the page that change
// besides (sync status, tabs, undo), redirects and problem pages.

import { takeBack, undoOffer } from "./acts.js"
import { deviceNow } from "../base/clock.js"
import { todoCount } from "../models/todo_model.js"
import { MINUTE } from "../rules/display_format.js"
import { declarations } from "../generated/declarations.js"
import { isOf } from "../base/origin.js"
import { html, seeOther } from "../base/responses.js"
import { render } from "../render/render.js"
import * as store from "../store/store.js"
import { _, catalogueOf } from "../base/words.js"

const TAGS = Object.fromEntries(declarations.languages.map(([name, tag]) => [name, tag]))

/**
 * Return a whole page. `tab` is the one that is lit; `status` is 422 for a form that comes back with
 * problems.
 */
export async function page(ask, template, model = {}, { tab = "", status = 200 } = {}) {
  const { shell, undo } = await common(ask, tab)
  return html(draw(ask, template, { shell, undo, ...model }), { status, headers: addressOf(ask) })
}

// A page that a boosted form went on to says its own address: the browser would keep the form's.
function addressOf(ask) {
  const boosted = ask.header("HX-Boosted") === "true" && ask.method === "GET"
  return boosted ? { "HX-Push-Url": ask.url.pathname + ask.url.search } : {}
}

/**
 * Return a fragment of a page, and beside it the partials of what else changed: sync status, tabs, undo.
 *
 * Without htmx, or when htmx loads a whole page, there is nothing to swap it into: it redirects `back`.
 * `instead` is the selector of an element to swap instead of the larger one that the form had named.
 */
export async function fragment(ask, template, model = {}, options = {}) {
  const { back = "/floor/", status = 200, instead = "" } = options
  if (!ask.partial) return seeOther(back)
  const { shell, undo } = await common(ask, tabOf(ask))
  const piece = draw(ask, template, { shell, undo, ...model })
  if (ask.method === "GET") return html(piece, { status })
  const headers = instead ? { "HX-Retarget": instead } : {}
  return html(piece + partials(ask, shell, undo), { status, headers })
}

/** Return a redirect to another page after a form (303: a reload does not send the form again). */
export const redirect = (ask, path) => seeOther(path)

/** Return a problem (of `problemWords`) as a fragment where htmx swaps one, else as a page. */
export async function problemPage(ask, problem, status) {
  if (!ask.person) {
    return html(draw(ask, "layout/problem.html", { shell: bareShell(ask), problem }), { status })
  }
  if (ask.htmx && ask.partial) {
    return html(draw(ask, "parts/problem.html", { problem }), { status })
  }
  return page(ask, "layout/floor_problem.html", { problem }, { status, tab: "more" })
}

/**
 * Return the page after a sign-out without a network, when the server's sign-in page cannot be shown
 * yet.
 */
export function farewell(ask) {
  const problem = {
    sign: "log-out",
    title: ask.say(_("You are signed out")),
    happened: ask.say(_("Nobody sees your records on this device any more.")),
    safe: ask.say(_("What is unsent is sealed and kept. It is sent when somebody signs in.")),
    do: ask.say(_("Signing in again needs the network.")),
    home_href: "/sign-in",
    home_label: ask.say(_("Sign in")),
  }
  return html(draw(ask, "layout/problem.html", { shell: bareShell(ask), problem }))
}

/**
 * GET /floor/parts/truth: the sync status, fetched after each replication turn, and the tabs' numbers
 * beside it.
 */
export async function truthPart(ask) {
  const { shell } = await common(ask, tabOf(ask))
  return html(draw(ask, "parts/truth.html", { shell }) + tabsPartial(ask, shell))
}

/** POST /floor/undo: take the gesture back and show the page again on which it was made. */
export async function undo(ask) {
  await takeBack(ask)
  return seeOther(pageBefore(ask))
}

/** Render a template in the person's language. */
export function draw(ask, template, view) {
  return render(template, view, { locale: ask.language, messages: catalogueOf(ask.language) })
}

// Private

function partials(ask, shell, undo) {
  const dock = undo ? draw(ask, "parts/undo.html", { shell, undo }) : ""
  return [
    `<hx-partial hx-target="#truth" hx-swap="outerHTML">${draw(ask, "parts/truth.html", { shell })}</hx-partial>`,
    tabsPartial(ask, shell),
    `<hx-partial hx-target="#dock > fw-undo" hx-swap="delete"></hx-partial>`,
    dock && `<hx-partial hx-target="#dock" hx-swap="afterbegin">${dock}</hx-partial>`,
  ].join("")
}

const tabsPartial = (ask, shell) =>
  `<hx-partial hx-target="#tabs" hx-swap="outerHTML">${draw(ask, "parts/tabs.html", { shell })}</hx-partial>`

async function common(ask, tab) {
  const [truth, undo] = await Promise.all([truthOf(ask), undoOffer(ask)])
  const place = ask.world.reference(ask.place)
  return {
    undo,
    shell: {
      ...bareShell(ask),
      ...{
        place: place?.title ?? "",
        shift: "",
        person: ask.person.title || ask.person.name || "",
      },
      ...{ truth, tab, counts: todoCount(ask.world.running(), ask.world, ask.person) },
    },
  }
}

/** The shell of a page that shows nothing of ours. */
export function bareShell(ask) {
  const { theme = "", hands = "", side = "" } = ask.prefs
  const lang = TAGS[ask.language] ?? declarations.languages[0][1]
  return { lang, theme, hands, side, now: ask.now }
}

/**
 * Return the sync status that every page shows: {state: refused|kept|sent, waiting and refused (acts),
 * undecided (refused ones that were left to the office), oldest_minutes, online, signed_out, synced_at (ms, or null)}.
 */
export async function truthOf(ask) {
  const { waiting, refused } = await store.atHand()
  const open = [...refused.values()].filter(row => !row.seen_at).length
  const undecided = await undecidedOf([...refused.values()].filter(row => row.seen_at))
  const last = store.meta("sync") ?? {}
  const oldest = Math.min(...[...waiting.values()].map(row => row.act.at))
  return {
    state: open ? "refused" : waiting.size || undecided ? "kept" : "sent",
    waiting: waiting.size,
    refused: open,
    undecided,
    oldest_minutes: waiting.size ? Math.max(0, Math.floor((ask.now - oldest) / MINUTE)) : 0,
    online: last.state === undefined || last.state === "ok",
    signed_out: last.state === "signed_out",
    synced_at: last.pulledAt ? last.pulledAt + (ask.now - deviceNow()) : null,
  }
}

// Refused acts that were left to the office: they are open until somebody there decided.
async function undecidedOf(rows) {
  const refusals = await Promise.all(
    rows.map(row => store.get(`refusal:${row._id.slice("act:".length)}`)),
  )
  return refusals.filter(refusal => !refusal || refusal.state === "open").length
}

// Which tab is lit on a page, by the first word of its address.
const TAB_OF = {
  ...{ lobby: "lobby", doctors: "lobby", doctor: "lobby", search: "lobby" },
  ...{ waiting: "waiting", round: "round", todo: "todo", notices: "todo" },
  ...{ more: "more", sync: "more", "sign-out": "more", complaints: "more", complaint: "more" },
}

function tabOf(ask) {
  const [, , first] = pageBefore(ask).split(/[/?]/)
  return TAB_OF[first] ?? "more"
}

/**
 * Return the path of the page that the person sees: htmx names it, else the referrer of a plain form
 * does.
 */
export function pageBefore(ask) {
  const address = ask.header("HX-Current-URL") || ask.referrer
  if (!isOf(self.location.origin, address)) return "/floor/lobby"
  const { pathname, search } = new URL(address)
  const isFloor = pathname.startsWith("/floor/") && pathname !== "/floor/undo"
  return isFloor ? pathname + search : "/floor/lobby"
}

/**
 * Return the words of a problem page by its status: {sign, title, happened, safe?, do, home_href, …}. `what`
 * are the sentences of a gesture that was not kept (422).
 */
export function problemWords(ask, status, what = "") {
  const home = { home_href: "/floor/lobby", home_label: ask.say(_("To the lobby")) }
  const words = PROBLEMS[status] ?? PROBLEMS[500]
  const sentences = Object.fromEntries(
    Object.entries(words).map(([name, sentence]) => [
      name,
      name === "sign" || !sentence ? sentence : ask.say(sentence),
    ]),
  )
  if (status === 422) {
    Object.assign(sentences, { happened: what })
    Object.assign(home, { home_href: pageBefore(ask), home_label: ask.say(_("Back")) })
  }
  if (status === 409) Object.assign(home, RESCUE, { home_label: ask.say(RESCUE.home_label) })
  return { ...sentences, ...home, again_href: status >= 500 ? pageBefore(ask) : null }
}

const RESCUE = {
  home_href: "/floor/rescue.json",
  home_label: _("Save what is unsent to a file"),
}

const PROBLEMS = {
  400: {
    sign: "circle-alert",
    title: _("This form was not complete"),
    happened: _("Something that belongs to it was missing."),
    do: _("Go back, load the page again and enter it once more."),
  },
  403: {
    sign: "circle-alert",
    title: _("Your post may not do this"),
    happened: _("Nothing was changed."),
    do: _("Ask somebody whose post may, or your supervisor."),
  },
  404: {
    sign: "search",
    title: _("This is not on this device"),
    happened: _("It was moved, or it is no longer among what your post sees."),
    do: _("Look for it by name, or ask in the office."),
  },
  405: {
    sign: "circle-alert",
    title: _("This page is not asked in this way"),
    happened: _("Nothing was changed."),
    do: _("Go back, load the page again and enter it once more."),
  },
  409: {
    sign: "circle-alert",
    title: _("The app on this device is older than its records"),
    happened: _("A newer version of the app was here; this one cannot read what that kept."),
    safe: _("Nothing is lost."),
    do: _(
      "Connect to the network and load this page again: the newer app comes by itself. To be safe, save what is unsent to a file first.",
    ),
  },
  422: {
    sign: "circle-alert",
    title: _("Not kept"),
    happened: "",
    do: _("Nothing was changed."),
  },
  500: {
    sign: "circle-alert",
    title: _("This page did not come about"),
    happened: _("A mistake of the app, not yours."),
    safe: _("What was kept before is safe."),
    do: _("Try again. If it stays, close the app and open it again."),
  },
  503: {
    sign: "wifi-off",
    title: _("The server cannot be reached"),
    happened: _("Nobody is signed in on this device, and signing in needs the network."),
    safe: _("What was kept before is safe."),
    do: _("Go where the network reaches, then try again."),
  },
  504: {
    sign: "clock",
    title: _("This takes too long"),
    happened: _("The device is slow to answer just now."),
    safe: _("Nothing is lost: what you entered is a draft, and what was kept is kept once."),
    do: _("Try again in a moment."),
  },
  507: {
    sign: "circle-alert",
    title: _("This device is full"),
    happened: _("There is no room for what you wanted to keep."),
    safe: _("Everything from before is safe, and words still find room when pictures do not."),
    do: _("Leave out the picture, or have the IT department make room."),
  },
}
