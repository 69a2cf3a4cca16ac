// The search screen: any part of a name, pinyin initials, digits of a phone or a number, over the
// records on this tablet, so it works without a network.
import { fragment, page } from "../screens/screens.js"
import * as store from "../store/store.js"
import { hrefOf } from "../models/reference.js"
import { isGone, lineOf, nameOf, sideOf } from "../models/rows.js"
import { matches } from "../rules/selector.js"

const MOST = 12 // of each kind: what is not among them needs another letter
const LOOKED_AT = 60 // of each kind, since some that are found are not shown

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
  const searched = Object.entries(ask.world.declarations.records).filter(
    ([, { finds }]) => finds.length,
  )
  const kinds = searched.map(([kind]) => kind)
  const records = q ? await store.search(q, { types: kinds, limit: LOOKED_AT }) : []
  const groups = searched.map(([kind, declared]) => {
    const found = records.filter(({ type }) => type === kind)
    const rows = found.filter(record => isShown(declared, record)).slice(0, MOST)
    const label = ask.say(declared.many ?? declared.label)
    return { label, rows: rows.map(record => row(ask, record, declared)) }
  })
  const some = groups.filter(group => group.rows.length)
  return { q, groups: some, count: some.reduce((sum, group) => sum + group.rows.length, 0) }
}

// What was taken back or merged is not found at all.
const isShown = ({ finds_when: wanted }, record) =>
  !isGone(record) && (!wanted || matches(wanted, record))

function row(ask, record, { reference }) {
  return {
    id: `found-${record._id.replace(/[^\w-]/g, "-")}`,
    href: hrefOf(record),
    ...{ name: nameOf(ask, record), name_note: "", about: lineOf(ask, record) },
    side: sideOf(ask, record),
    mark: reference ? "" : ask.world.mark(record._id),
  }
}
