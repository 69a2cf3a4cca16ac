// Screens of notices, what the server told this person: unseen ones first; a tap marks one as seen.
import { performTap } from "../screens/acts.js"
import { Problem } from "../screens/forms.js"
import { notSeen, noticeWords, unseen } from "../models/notices.js"
import { page, redirect } from "../screens/screens.js"
import * as store from "../store/store.js"
import { _ } from "../base/words.js"

const LIMIT = 100

/** GET /floor/notices */
export async function list(ask) {
  const fresh = await unseen(ask)
  const first = new Set(fresh.map(record => record._id))
  const { records } = await store.list("notice.notices", { limit: LIMIT, reverse: true })
  const mine = records.filter(record => record.to === ask.person._id)
  const notices = {
    fresh: fresh.map(record => line(ask, record)),
    old: mine.filter(record => !first.has(record._id)).map(record => line(ask, record)),
    all_id: ask.world.actId(),
    some: mine.some(record => record.state === "told" && !record.seen_at),
  }
  return page(ask, "features/notice/list.html", { notices }, { tab: "todo" })
}

/** POST /floor/notice/:id/seen: one is seen, and what it is about is shown if the form says `open`. */
export async function seen(ask) {
  const record = await store.get(`notice:${ask.params.id}`)
  if (!record) throw new Problem(404)
  if (!record.seen_at) await performTap(ask, [["notice.seen", record._id, {}]])
  const open = ask.form.get("open") === "yes"
  return redirect(ask, (open && noticeWords(ask, record).href) || "/floor/notices")
}

/** POST /floor/notices/seen: all of them, in one gesture. */
export async function allSeen(ask) {
  const gesture = (await notSeen(ask)).map(record => ["notice.seen", record._id, {}])
  if (gesture.length) await performTap(ask, gesture)
  return redirect(ask, "/floor/notices")
}

// Private

function line(ask, record) {
  return {
    ...noticeWords(ask, record),
    id: "notice-" + record._id.split(":")[1],
    action: `/floor/notice/${record._id.split(":")[1]}/seen`,
    act_id: ask.world.actId(),
    seen: record.acts.last,
    at: record.told_at ?? record.opened_at,
    annulled: record.state === "annulled",
    over: record.rung > 1,
    say: sayOf(ask, record),
  }
}

function sayOf(ask, record) {
  if (record.state === "annulled") return ask.say(_("No longer holds"))
  return record.state === "told" && !record.seen_at ? ask.say(_("done since")) : ""
}
