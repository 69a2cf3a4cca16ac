// Says a limit while something is entered, with the number: letters ([data-most] on a field, its words in
// [data-say-left] and [data-say-over]), an amount as it will be kept ([data-amount]). What is too long is
// not taken: the form says so itself, before it is read back and signed.

import { readAmount, thousands } from "../../service_worker/rules/display_format.js"

const NEAR = 0.8 // of a limit, from which on what is left is said

/** Watch every field of the page, also those that come later. */
export function watchLimits() {
  document.addEventListener("input", event => look(event.target))
  document.addEventListener("focusin", event => look(event.target))
}

function look(field) {
  if (field.dataset?.most) sayLetters(field, Number(field.dataset.most))
  if (field.dataset && "amount" in field.dataset) sayAmount(field)
}

function sayLetters(field, most) {
  const left = most - [...field.value.trim()].length
  const words = left < 0 ? field.dataset.sayOver : field.dataset.sayLeft
  say(
    field,
    left < most * (1 - NEAR) ? words.replace("{n}", thousands(Math.abs(left))) : "",
    left < 0,
  )
}

function sayAmount(field) {
  const typed = field.value.trim()
  const amount = readAmount(typed)
  const most = Number(field.dataset.amount)
  if (typed === "") return say(field, "", false)
  if (amount === null) return say(field, field.dataset.sayOver, true)
  if (amount > most) return say(field, field.dataset.sayMost, true)
  say(
    field,
    String(amount) === typed ? "" : field.dataset.sayLeft.replace("{n}", thousands(amount)),
    false,
  )
}

function say(field, words, isOver) {
  const line = document.getElementById(`limit-${field.name}`)
  field.setCustomValidity(isOver ? words : "")
  if (isOver) field.setAttribute("aria-invalid", "true")
  else if (!document.getElementById(`problem-${field.name}`)) field.removeAttribute("aria-invalid")
  if (!line) return
  line.textContent = words
  line.hidden = words === ""
  line.classList.toggle("over", isOver)
}
