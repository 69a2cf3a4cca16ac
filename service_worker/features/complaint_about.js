// The form that names whom a complaint is about; that person sees neither it nor what comes of it (PR-03).
import { may, perform } from "../screens/acts.js"
import { dataOf, Problem } from "../screens/forms.js"
import { redirect } from "../screens/screens.js"
import * as store from "../store/store.js"
import { peopleFor } from "../models/labels.js"
import { formPage, hrefOf } from "./complaint.js"

/** GET /floor/complaint/:id/about */
export async function about(ask) {
  return naming(ask, await wanted(ask))
}

/** POST …/named; whoever names themselves has the complaint no longer at the next turn. */
export async function named(ask) {
  const record = await wanted(ask)
  const done = await perform(
    ask,
    [["complaint.named", record._id, dataOf(ask, "complaint.named")]],
    { draft: draftOf(ask) },
  )
  return done.kept ? redirect(ask, hrefOf(ask)) : naming(ask, record, done.problems)
}

// Private

const draftOf = ask => `about-${ask.params.id}`

async function wanted(ask) {
  const record = await store.get(`complaint:${ask.params.id}`)
  if (!record) throw new Problem(404)
  if (!may(ask, "complaint.named")) throw new Problem(403, "not_your_post")
  return record
}

async function naming(ask, record, problems = {}) {
  const typed = ask.form ? ask.form.getAll("about") : (await ask.draft(draftOf(ask)))?.about
  const chosen = [typed ?? record.about ?? []].flat().filter(Boolean)
  return formPage(ask, record, "about", draftOf(ask), problems, {
    action: `${hrefOf(ask)}/named`,
    values: {},
    choices: { about: peopleFor(ask, record.about_place || record.place, chosen) },
    kept_at: 0,
  })
}
