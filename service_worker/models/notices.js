// Notices (what the server told this person: a rung that was reached, a deadline that moved) that still
// matter, and their words, for every screen that shows them.
import { momentWords } from "./deadlines.js"
import { minutes } from "../rules/display_format.js"
import { runs } from "../rules/ladder.js"
import * as store from "../store/store.js"
import { _ } from "../base/words.js"
import { hrefOf } from "./reference.js"
import { nameOf } from "./rows.js"

const MOST = 200 // unseen notices that are looked at

/** Return the notice records that this person has not marked as seen, the latest first. */
export async function notSeen(ask) {
  const { records } = await store.list("notice.unseen", { limit: MOST, reverse: true })
  return records.filter(record => record.to === ask.person._id)
}

/**
 * Return those of them that still matter: the ladder that reached its rung still runs.
 *
 * A notice about no ladder matters until it is seen, and so does one whose record is not on this tablet.
 */
export async function unseen(ask) {
  const notices = await notSeen(ask)
  const running = new Map(ask.world.running().map(record => [record._id, record]))
  const matter = await Promise.all(
    notices.map(async notice => {
      const ladder = ask.world.declarations.ladders[notice.what]
      if (!ladder) return true
      const record = running.get(notice.about) ?? (await store.get(notice.about))
      return !record || runs(ladder, record)
    }),
  )
  return notices.filter((_notice, n) => matter[n])
}

/**
 * Return {title, about, href, sign} of a notice: what happened to whom, where, and as which post I am
 * told.
 */
export function noticeWords(ask, notice) {
  const place = notice.place ? ask.world.reference(notice.place)?.title : ""
  const post = notice.post && ask.world.declarations.posts[notice.post.split("@")[0]]
  return {
    title: [whatWords(ask, notice), calledWords(ask, notice.name)].filter(Boolean).join("·"),
    about: [
      place || "",
      notice.due_at ? dueWords(ask, notice) : "",
      post ? ask.say(_("told as %(post)s"), { post: ask.say(post) }) : "",
    ]
      .filter(Boolean)
      .join("·"),
    href: hrefOf({ _id: notice.about }),
    sign: notice.what === "deadline_moved" ? "calendar-days" : "bell-ring",
  }
}

// A record that is called after another, a check after its list, is told of by the other's id.
function calledWords(ask, name) {
  const named = name && ask.world.reference(name)
  return named ? nameOf(ask, named) : (name ?? "")
}

function whatWords(ask, notice) {
  const { ladders, acts } = ask.world.declarations
  const ladder = ladders[notice.what]
  if (ladder) {
    const rung = ladder.rungs[(notice.rung || 1) - 1] ?? ladder.rungs[0]
    if (rung === ladder.rungs[0]) return ask.say(rung.label)
    return `${ask.say(ladder.label)}·${ask.say(rung.label)}`
  }
  if (notice.what === "deadline_moved") {
    const moved = ladders[notice.reason]
    const sentence = _("There is less time now")
    return moved ? `${ask.say(sentence)}·${ask.say(moved.label)}` : ask.say(sentence)
  }
  return acts[notice.what] ? ask.say(acts[notice.what].label) : notice.what
}

function dueWords(ask, notice) {
  const moment = momentWords(ask.say, notice.due_at, ask.now, ask.world.calendar)
  const late = minutes(notice.late_by ?? 0)
  return late
    ? ask.say(_("due %(moment)s, told %(n)s min later"), { moment, n: late })
    : ask.say(_("due %(moment)s"), { moment })
}
