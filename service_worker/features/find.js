// The search screen: any part of a name, pinyin initials, digits of a phone or a number, over the
// records on this tablet, so it works without a network.
import { maskName, maskPhone } from "../rules/format.js"
import { fragment, page } from "../screens/screens.js"
import * as store from "../store/store.js"
import { labelOf } from "../models/labels.js"
import { _ } from "../base/words.js"
import { hrefOf } from "../models/reference.js"

const MOST = 12 // of each kind: what is not among them needs another letter
const LOOKED_AT = 60 // of each kind, since some that are found are not shown

// The kinds in the order in which they are shown: what is asked for most comes first.
const KINDS = [
  ["waiting", _("Waiting now")],
  ["arrival", _("Visits")],
  ["complaint", _("Complaints")],
  ["doctor", _("Doctors")],
  ["place", _("Rooms and desks")],
  ["person", _("Colleagues")],
]

/** GET /floor/search?q=… */
export async function show(ask) {
  return page(ask, "features/find/list.html", { find: await results(ask) }, { tab: "lobby" })
}

/** GET /floor/search/part?q=…: the results alone. */
export async function part(ask) {
  const query = ask.query.get("q") || ""
  const back = `/floor/search?q=${encodeURIComponent(query)}`
  return fragment(ask, "features/find/found.html", { find: await results(ask) }, { back })
}

// Private

async function results(ask) {
  const q = (ask.query.get("q") || "").trim()
  const groups = q
    ? await Promise.all(
        KINDS.map(async ([kind, label]) => {
          const records = await store.search(q, { types: [kind], limit: LOOKED_AT })
          const rows = records.filter(record => shownAs(kind, record)).slice(0, MOST)
          return { label: ask.say(label), rows: rows.map(record => row(ask, record)) }
        }),
      )
    : []
  const some = groups.filter(group => group.rows.length)
  return { q, groups: some, count: some.reduce((sum, group) => sum + group.rows.length, 0) }
}

// A wait that ended is found as its visit; what was taken back is not found at all.
const shownAs = (kind, record) =>
  record.state !== "undone" && (kind !== "waiting" || record.state === "waiting")

function row(ask, record) {
  const { name, about, side } = ROWS[record.type](ask, record)
  const href = ["place", "person"].includes(record.type) ? "" : hrefOf(record)
  return {
    id: `found-${record._id.replace(/[^\w-]/g, "-")}`,
    href: record.type === "doctor" ? `/floor/doctor/${record._id.split(":")[1]}` : href,
    ...{ name, name_note: "", about: about.filter(Boolean).join("·"), side: side || "" },
    mark: ["waiting", "arrival", "complaint"].includes(record.type)
      ? ask.world.mark(record._id)
      : "",
  }
}

const titleOf = (ask, id) => (id && ask.world.reference(id)?.title) || ""

function named(ask, record) {
  const title = record.salutation ? labelOf(ask, record.type, "salutation", record.salutation) : ""
  const name = record.name || record.question || record.note || ask.say(_("Name not asked yet"))
  return title ? ask.say(_("%(title)s %(name)s"), { title, name }) : name
}

const ROWS = {
  waiting: (ask, record) => ({
    name: named(ask, record),
    about: [titleOf(ask, record.place), titleOf(ask, record.doctor)],
    side: ask.say(_("since %(at)s"), { at: ask.clock(record.started_at) }),
  }),
  arrival: (ask, record) => ({
    name: named(ask, record),
    about: [
      maskPhone(record.phone),
      record.booklet_no,
      record.stage ? labelOf(ask, "arrival", "stage", record.stage) : "",
    ],
    side: ask.say(record.state === "present" ? _("here") : _("gone")),
  }),
  complaint: (ask, record) => ({
    name: record.number || ask.say(_("Complaint")),
    about: [maskName(record.name), maskPhone(record.phone), record.words],
    side: record.state === "settled" ? ask.say(_("Settled")) : "",
  }),
  doctor: (ask, record) => ({
    name: record.title,
    about: [record.department, titleOf(ask, record.place), record.specialty],
    side: record.rank ? labelOf(ask, "doctor", "rank", record.rank) : "",
  }),
  place: (ask, record) => ({
    name: record.title,
    about: [titleOf(ask, record.inside), record.department],
    side: record.kind ? labelOf(ask, "place", "kind", record.kind) : "",
  }),
  person: (ask, record) => ({
    name: record.title,
    about: (record.posts || []).map(post => ask.say(ask.world.declarations.posts[post] || post)),
    side: (record.places || []).map(id => titleOf(ask, id)).filter(Boolean)[0],
  }),
}
