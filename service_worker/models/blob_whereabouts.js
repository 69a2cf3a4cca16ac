// Locates the blobs (photos and recordings) of a record: on this tablet, on the server, or still on the
// tablet of a colleague, which may be offline.

import * as store from "../store/store.js"
import { _ } from "../base/words.js"

/**
 * Return what a page shows of the blobs in a field of a record: [{hash, href, say}].
 *
 * Without `href` it cannot be shown here; `say` tells where it is, "" once the server has it.
 */
export function placed(ask, record, field) {
  // The server lists a blob among the record's attachments once it has all of it.
  const whole = Object.keys(record._attachments ?? {})
  return Promise.all(
    (record[field] ?? []).map(async hash => {
      const row = await store.blob(hash)
      const isThere = whole.some(name => name.startsWith(hash))
      const href = row || isThere ? `/floor/blobs/${hash}` : ""
      return { hash, href, say: isThere ? "" : whereWords(ask, record, field, row) }
    }),
  )
}

function whereWords(ask, record, field, row) {
  if (row?.refused) return ask.say(_("the server refused it"))
  if (row?.waiting) return ask.say(_("still on this tablet"))
  if (row) return ""
  const name = ask.world.reference(record.setters[field]?.[1])?.title
  if (!name) return ask.say(_("still on a tablet"))
  return ask.say(_("still on the tablet of %(name)s"), { name })
}
