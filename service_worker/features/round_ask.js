// Ask mode: the patient has the tablet and sees one question on the whole screen, with large answers and
// nothing of ours. What they tap is kept in the draft of the bed's sheet, so that neither a lock nor a
// crash loses it; whoever walks the round reads it there and keeps it.

import { bareShell, draw } from "../screens/screens.js"
import { LEVELS } from "../models/rows.js"
import { deviceNow } from "../base/clock.js"
import { html, seeOther } from "../base/responses.js"
import * as store from "../store/store.js"
import { bedHref } from "./round_model.js"
import { bedIn, draftOf, wanted } from "./round.js"

const QUESTIONS = ["comfort", "doctor_visited", "satisfied"]

/** GET /floor/round/:id/bed/:bed/ask, with ?n= from 1 on; after the last one thanks. */
export async function question(ask) {
  const whole = await wanted(ask)
  const bed = bedIn(ask, whole)
  const n = Math.max(1, Number(ask.query.get("n")) || 1)
  const here = `${bedHref(whole, bed.place)}/ask`
  const given = await ask.draft(draftOf(whole, bed))
  const model = {
    shell: bareShell(ask),
    house: house(ask),
    href: here,
    ...{ n, all: QUESTIONS.length, back_href: n > 1 ? `${here}?n=${n - 1}` : "" },
    on_href: `${here}?n=${n + 1}`,
    done_href: bedHref(whole, bed.place),
    question: questionOf(ask, QUESTIONS[n - 1], given),
  }
  return html(draw(ask, "features/round/ask.html", model))
}

/** POST /floor/round/:id/bed/:bed/ask: one answer, then the next question. */
export async function answered(ask) {
  const whole = await wanted(ask)
  const bed = bedIn(ask, whole)
  const name = QUESTIONS.find(one => ask.form.has(one))
  if (name) {
    const key = draftOf(whole, bed)
    const before = (await store.draft(ask.person._id, key))?.fields ?? {}
    const fields = { ...before, [name]: ask.form.getAll(name) }
    await store.keepDraft(ask.person._id, key, fields, deviceNow())
  }
  const n = QUESTIONS.indexOf(name) + 2
  return seeOther(`${bedHref(whole, bed.place)}/ask?n=${n}`)
}

function questionOf(ask, name, given) {
  if (!name) return null
  const field = ask.world.declarations.records.bedside.fields.find(one => one.name === name)
  const levels = LEVELS.map((label, n) => [String(n + 1), label]).toReversed()
  const chosen = [given?.[name] ?? []].flat()
  return {
    name,
    label: ask.say(field.label),
    faces: name === "satisfied",
    options: (name === "satisfied" ? levels : field.choices).map(([value, label]) => ({
      ...{ value, label: ask.say(label), chosen: chosen.includes(value) },
    })),
  }
}

const house = ask => ask.world.referenceOf("place").find(one => one.kind === "site")?.title ?? ""
