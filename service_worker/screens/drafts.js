// Drafts: the fields of a form are stored while they are typed, and fill the form when it is shown
// again, after a reload, a crash or a change of screens.

import { deviceNow } from "../base/clock.js"
import { answer } from "../base/responses.js"
import * as store from "../store/store.js"

const NOT_DRAFT = ["act_id", "seen"] // of one rendering of the form: a later one has its own

/** POST /floor/drafts/:key with all fields of the form: 204. */
export async function keepDraft(ask) {
  const fields = {}
  for (const name of new Set(ask.form.keys())) {
    if (NOT_DRAFT.includes(name)) continue
    fields[name] = ask.form.getAll(name).filter(value => typeof value === "string")
  }
  await store.keepDraft(ask.person._id, ask.params.key, fields, deviceNow())
  return answer(null, null, 204)
}

/** Return a person's draft of a form, {field: value, or a list where there are several}, or null. */
export async function draftOf(person, key) {
  const kept = await store.draft(person, key)
  if (!kept) return null
  return Object.fromEntries(
    Object.entries(kept.fields).map(([name, values]) => [
      name,
      values.length > 1 ? values : values[0],
    ]),
  )
}
