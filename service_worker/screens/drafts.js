// Drafts: what a form says is kept as it is typed, and comes back when the form is shown again.

import { deviceNow } from "../base/clock.js"
import { answer } from "../base/headers.js"
import * as store from "../store/store.js"

const NOT_DRAFT = ["act_id", "seen"]

/** POST /floor/drafts/:key: what the whole form says now. */
export async function keepDraft(ask) {
  const fields = {}
  for (const name of new Set(ask.form.keys())) {
    if (NOT_DRAFT.includes(name)) continue
    fields[name] = ask.form.getAll(name).filter(value => typeof value === "string")
  }
  await store.keepDraft(ask.params.key, fields, deviceNow())
  return answer(null, null, 204)
}

/** Return what was typed, {field: value, or a list where there are several}, or null. */
export async function draftOf(key) {
  const kept = await store.draft(key)
  if (!kept) return null
  return Object.fromEntries(
    Object.entries(kept.fields).map(([name, values]) => [
      name,
      values.length > 1 ? values : values[0],
    ]),
  )
}
