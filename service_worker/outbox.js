// What became of every act of this device, and how the tablet stands: for the sync page and a file.

import { deviceNow } from "./clock.js"
import { moment } from "./format.js"
import { declarations } from "./generated/declarations.js"
import { version } from "./generated/version.js"
import { answer } from "./headers.js"
import * as store from "./store.js"
import { TROUBLES } from "./wire.js"
import { _ } from "./words.js"

const SHOWN = 60
const MEGABYTE = 1024 * 1024

/**
 * Return what the sync page shows.
 *
 * {acts: [{id, title, about, mark, say, at, sent_at, seen}], waiting, refused, of_others,
 *  sync: {state, say, tried_at, next_at, pulled_at, pushed_at}, storage: {persisted, used, quota (MB)},
 *  pulled, offset_words, version, device}
 */
export async function outbox(ask) {
  const { waiting, refused } = await store.atHand()
  const recent = await store.ownActs({ limit: SHOWN })
  const open = [...refused.values(), ...waiting.values()]
  const rows = [...new Map([...open, ...recent].map(row => [row._id, row])).values()]
  const others = [...waiting.values()].filter(row => row.by !== ask.person._id)
  return {
    acts: rows.sort(byFate).map(row => fateOf(ask, row)),
    waiting: waiting.size,
    refused: [...refused.values()].filter(row => !row.seen_at).length,
    of_others: others.length,
    sync: syncOf(ask),
    storage: await storageOf(),
    pulled: store.meta("pulled") ?? 0,
    offset_words: offsetWords(ask),
    version,
    device: store.meta("device") ?? "",
  }
}

const RANK = { refused: 0, waiting: 1, sent: 2 }

function byFate(one, other) {
  const rank = row => (row.seen_at ? 2 : RANK[row.state])
  return rank(one) - rank(other) || other.act.at - one.act.at
}

function fateOf(ask, row) {
  const { act } = row
  const label = declarations.acts[act.act]?.label
  const name = act.data.name ?? act.data.words ?? ""
  return {
    id: row._id,
    record: act.record,
    title: label ? ask.say(label) : ask.say(_("Taken back")),
    about: [name, moment(act.at), ask.world.reference(act.by)?.title ?? ""]
      .filter(Boolean)
      .join(" · "),
    mark: { waiting: "kept", sent: "sent", refused: "refused" }[row.state],
    say: row.state === "refused" ? row.say || ask.say(_("The server would not have this.")) : "",
    at: act.at,
    sent_at: row.sent_at ? row.sent_at + (store.meta("offset") ?? 0) : null,
    seen: Boolean(row.seen_at),
  }
}

function syncOf(ask) {
  const last = store.meta("sync") ?? {}
  const offset = ask.now - deviceNow()
  const moved = at => (at ? at + offset : null)
  return {
    state: last.state ?? "ok",
    say: last.state in TROUBLES ? ask.say(TROUBLES[last.state]) : "",
    code: last.code ?? "",
    tries: last.tries ?? 0,
    tried_at: moved(last.triedAt),
    next_at: moved(last.nextAt),
    pulled_at: moved(last.pulledAt),
    pushed_at: moved(last.pushedAt),
  }
}

// A tablet that is behind has to add: its offset is above nothing.
function offsetWords(ask) {
  const offset = store.meta("offset")
  if (offset == null) return ""
  const n = (Math.abs(offset) / 1000).toFixed(1)
  const sentence =
    offset < 0 ? _("%(n)s s fast, corrected by itself") : _("%(n)s s slow, corrected by itself")
  return ask.say(sentence, { n })
}

async function storageOf() {
  const { usage = 0, quota = 0 } = (await navigator.storage?.estimate?.()) ?? {}
  const persisted = (await navigator.storage?.persisted?.()) ?? false
  return { persisted, used: Math.ceil(usage / MEGABYTE), quota: Math.floor(quota / MEGABYTE) }
}

/** GET /floor/rescue.json: everything unsent, to carry away by hand. */
export async function rescueFile(ask) {
  const { waiting, refused } = await store.atHand()
  const acts = [...waiting.values(), ...refused.values()].map(row => row.act)
  const file = { floorwalk: version, device: ask.device, site: ask.site, saved_at: ask.now, acts }
  const name = `floorwalk-${ask.site}-${ask.now}.json`
  return answer(JSON.stringify(file, null, 2), "application/json", 200, {
    "Content-Disposition": `attachment; filename="${name}"`,
  })
}
