// The to-do screen: running deadlines of mine and of my post, unseen notices, people who wait to be
// greeted, in the order of time, each with the act that a tap does about it.
import { may, performTap } from "../screens/acts.js"
import { tellWords } from "../models/labels.js"
import { clock, MINUTE } from "../rules/display_format.js"
import { Problem } from "../screens/forms.js"
import { noticeWords, unseen } from "../models/notices.js"
import { fragment, page, redirect } from "../screens/screens.js"
import * as store from "../store/store.js"
import { _ } from "../base/words.js"
import { formHrefOf, hrefOf } from "../models/reference.js"
import { factsOf, lineOf, nameOf } from "../models/rows.js"
import { clockOf, deadlinesToDo, dueWords, grouped } from "../models/todo_model.js"

// Screens

/** GET /floor/todo?view=mine|post */
export async function show(ask) {
  const todo = await whole(ask)
  return page(ask, "features/todo/list.html", { todo }, { tab: "todo" })
}

/** GET /floor/todo/part: the tasks alone. */
export async function part(ask) {
  const todo = await whole(ask)
  return fragment(ask, "features/todo/tasks.html", { todo }, { back: "/floor/todo" })
}

// Acts

/**
 * POST /floor/todo/done, the big button: one act that needs nothing but a tap, and the notices that it
 * answers.
 */
export async function done(ask) {
  const name = ask.form.get("act")
  const record = ask.form.get("record")
  if (!record || !isAnswer(ask, name) || !isTap(ask, name)) throw new Problem(400)
  const seen = ask.form.getAll("notice").map(id => ["notice.seen", id, {}])
  await performTap(ask, [[name, record, {}], ...seen])
  return redirect(ask, hrefTo(ask.form.get("view")))
}

/** POST /floor/todo/seen: a notice was seen. */
export async function seen(ask) {
  const id = ask.form.get("record")
  if (!id?.startsWith("notice:") || !(await store.get(id))) throw new Problem(404)
  await performTap(ask, [["notice.seen", id, {}]])
  return redirect(ask, hrefTo(ask.form.get("view")))
}

// Private

const hrefTo = (view, key = "") => {
  const parts = [view === "post" && "view=post", key && `task=${encodeURIComponent(key)}`]
  const query = parts.filter(Boolean).join("&")
  return "/floor/todo" + (query ? `?${query}` : "")
}

async function whole(ask) {
  const notices = await unseen(ask)
  const deadlines = deadlinesToDo(ask.world.running(), ask.world, ask.person)
  // A notice about a deadline that is listed itself would be the same task twice.
  const covered = new Set(deadlines.map(one => one.key))
  const uncovered = notices.filter(one => !covered.has(`${one.about}.${one.what}`))
  const all = [
    ...deadlines.filter(one => doable(ask, one)).map(one => deadlineTask(ask, one, notices)),
    ...uncovered.map(one => noticeTask(ask, one)),
    ...(await noticedTasks(ask)),
  ]
  const view = ask.query.get("view") === "post" ? "post" : "mine"
  const mine = all.filter(one => one.mine)
  const shown = view === "post" ? all : mine
  const groups = grouped(shown, ask.world)
  const wanted = ask.query.get("task")
  const picked = shown.find(one => one.key === wanted) ?? groups[0]?.[1][0] ?? null
  return {
    view,
    count: mine.length,
    href: "/floor/todo/part" + (ask.query.size ? `?${ask.query}` : ""),
    chosen: Boolean(wanted && picked?.key === wanted),
    back: hrefTo(view),
    notices: notices.length,
    views: [
      ["mine", _("Mine"), mine.length],
      ["post", _("My post"), all.length],
    ].map(([name, label, count]) => ({
      href: hrefTo(name),
      label: ask.say(label),
      count,
      current: name === view,
    })),
    groups: groups.map(([name, tasks]) => ({
      ...{ words: ask.say(GROUPS[name].words), state: GROUPS[name].state },
      tasks: tasks.map(one => ({
        id: "task-" + one.key.replace(/[^\w-]/g, "-"),
        href: hrefTo(view, one.key),
        sign: one.sign,
        name: one.name,
        about: one.about,
        ...sideOf(ask, one),
        current: one === picked,
      })),
    })),
    picked: picked && { ...picked.whole(), view, name: picked.name, mark: picked.mark },
  }
}

const GROUPS = {
  overdue: { words: _("Past its time"), state: "over" },
  soon: { words: _("Soon"), state: "due" },
  today: { words: _("Today"), state: "" },
  later: { words: _("Later"), state: "" },
}

// The acts that answer a deadline, in its order, as full names of acts.
function answersOf(ask, ladder) {
  const { record, answers } = ask.world.declarations.ladders[ladder]
  return answers.map(verb => `${record}.${verb}`)
}

const isAnswer = (ask, name) =>
  Object.keys(ask.world.declarations.ladders).some(one => answersOf(ask, one).includes(name))

// Whether an act asks for nothing that has to be typed or chosen.
const isTap = (ask, name) => ask.world.declarations.acts[name].needs.length === 0

// Only what this person's posts may do: a guide sees no deadline that only the office can end.
const doable = (ask, one) => answersOf(ask, one.ladder).some(name => may(ask, name))

// What of it is next; where everything was done, the first.
function nextOf(ask, { record, ladder }) {
  const { acts } = ask.world.declarations
  const mine = answersOf(ask, ladder).filter(name => may(ask, name))
  return mine.find(name => !acts[name].stamps.some(stamp => stamp in record)) ?? mine[0]
}

const sideOf = (ask, one) =>
  one.side ? { side: one.side, side_state: one.side_state } : dueWords(ask, one.due_at, one.state)

// Deadlines

function deadlineTask(ask, one, notices) {
  const { record, ladder } = one
  const label = ask.say(ask.world.declarations.ladders[ladder].label)
  const own = notices.filter(notice => notice.about === record._id && notice.what === ladder)
  const declared = ask.world.declarations
  const first = answersOf(ask, ladder)[0]
  return {
    ...one,
    sign:
      (isTap(ask, first) && declared.acts[first].icon) ||
      declared.records[record.type].icon ||
      "clock",
    name: ask.say(_("%(what)s: %(who)s"), { what: label, who: nameOf(ask, record) }),
    about: lineOf(ask, record, { masked: false }),
    mark: ask.world.mark(record._id),
    whole: () => ({
      clock: clockOf(ask, one),
      facts: factsOf(ask, record),
      told: toldOf(ask, one),
      ...actOf(ask, one, own),
    }),
  }
}

const titleOf = (ask, id) => (id && ask.world.reference(id)?.title) || ""

// Who was told, and who hears of it next if nothing is done.
function toldOf(ask, one) {
  const steps = (one.record.rungs[one.ladder] || []).filter(step => !step.annulled_at)
  const lines = steps
    .filter(step => step.told?.length)
    .map(step => ({
      at: step.at,
      words: ask.say(_("told")),
      strong: step.told.map(id => titleOf(ask, id)).join(" "),
    }))
  const next = one.told.find(rung => !steps.some(step => step.rung === rung.rung))
  if (next && one.due_at <= ask.now) {
    const posts = next.tell.map(who => ask.say(tellWords(ask.world, who)))
    lines.push({
      at: next.due_at,
      words: ask.say(_("next to hear of it")),
      strong: posts.join(" "),
    })
  }
  return lines
}

// {act, more}: what is done about it, by a tap or on a form's page, and the way to the record.
function actOf(ask, one, notices) {
  const { record } = one
  const name = nextOf(ask, one)
  const { label, icon } = ask.world.declarations.acts[name]
  const href = hrefOf(record)
  const more = href ? { href, label: ask.say(_("Look at it")) } : null
  if (!isTap(ask, name)) {
    const form = formHrefOf(record, name)
    if (!form) return { act: href && { ...SEE_NEXT(ask), href }, more: null }
    return { act: { kind: "link", href: form, label: ask.say(label), sign: icon }, more }
  }
  const act = {
    kind: "tap",
    href: "/floor/todo/done",
    act_id: ask.world.actId(),
    seen: record.acts.last,
    label: ask.say(label),
    sign: icon || "check",
    fields: [
      { name: "act", value: name },
      { name: "record", value: record._id },
      ...notices.map(notice => ({ name: "notice", value: notice._id })),
    ],
  }
  return { act, more }
}

const SEE_NEXT = ask => ({
  kind: "link",
  label: ask.say(_("See what is next")),
  sign: "arrow-right",
})

// Notices, and people who were noticed and asked to wait a moment

function noticeTask(ask, notice) {
  const words = noticeWords(ask, notice)
  return {
    key: notice._id,
    due_at: notice.due_at ?? notice.told_at,
    state: notice.rung > 1 ? "over" : "due",
    mine: true,
    sign: words.sign,
    name: words.title,
    about: words.about,
    mark: ask.world.mark(notice._id),
    whole: () => ({
      clock: null,
      facts: [
        { term: ask.say(_("Told at")), words: clock(notice.told_at) },
        { term: ask.say(_("Place")), words: titleOf(ask, notice.place) },
        { term: ask.say(_("About")), words: words.about },
      ],
      told: [],
      act: {
        kind: "tap",
        href: "/floor/todo/seen",
        act_id: ask.world.actId(),
        seen: notice.acts.last,
        label: ask.say(_("Seen")),
        sign: "eye",
        fields: [{ name: "record", value: notice._id }],
      },
      more: words.href ? { href: words.href, label: ask.say(_("Look at it")) } : null,
    }),
  }
}

// G-12: somebody was asked to wait a moment; whoever is free greets them.
async function noticedTasks(ask) {
  const { records } = await store.list("arrival.present", { limit: 200, reverse: true })
  return records
    .filter(record => record.noticed)
    .map(record => {
      const key = record._id.split(":")[1]
      const n = Math.floor((ask.now - record.opened_at) / MINUTE)
      return {
        key: record._id,
        due_at: null,
        state: "due",
        mine: record.owner === ask.person._id,
        sign: "hand",
        name: ask.say(_("Greet who was asked to wait a moment")),
        about: [titleOf(ask, record.place), clock(record.opened_at)].filter(Boolean).join("·"),
        side: ask.say(_("waits %(n)s min"), { n }),
        side_state: "due",
        mark: ask.world.mark(record._id),
        whole: () => ({
          clock: null,
          facts: [
            { term: ask.say(_("Noticed at")), words: clock(record.opened_at) },
            { term: ask.say(_("Place")), words: titleOf(ask, record.place) },
            { term: ask.say(_("Noticed by")), words: titleOf(ask, record.owner) },
          ],
          told: [],
          act: {
            kind: "link",
            href: `/floor/lobby/greet?visit=${key}`,
            label: ask.say(_("Greet")),
            sign: "plus",
          },
          more: null,
        }),
      }
    })
}
