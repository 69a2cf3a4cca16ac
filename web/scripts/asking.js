// What a declared form does while it is filled in: − and + change a number ([data-step]), fields come and go
// by the answers before them ([data-shown-when]), and its button says how much is missing ([data-needed]).
// Without this the form works as well, and says afterwards what was missing.

import { matches } from "../../service_worker/rules/selector.js"

const FORM = "form.asking"
const ELSEWHERE = "elsewhere" // a chip that opens a list: nothing is chosen yet
const labels = new WeakMap() // button → what it says when nothing is missing

/** Watch every form of the page, also those that come later. */
export function watchForms() {
  document.addEventListener("click", event => {
    const button = event.target.closest?.("[data-step]")
    if (button) step(button)
    else takeBack(event.target)
  })
  for (const type of ["input", "change"]) {
    document.addEventListener(type, event => look(event.target.form))
  }
  document.addEventListener("htmx:after:swap", lookAtAll)
  lookAtAll()
}

let chosen = null // the radio that a finger is on, if it was chosen already
document.addEventListener("pointerdown", event => {
  const { control } = event.target.closest?.(".control:not([data-needed]) label") ?? {}
  chosen = control?.type === "radio" && control.checked ? control : null
})

// What need not be said may be taken back: a second touch of the same chip.
function takeBack(input) {
  if (input !== chosen) return
  chosen = null
  input.checked = false
  input.dispatchEvent(new Event("change", { bubbles: true })) // a draft keeps it
}

const lookAtAll = () => document.querySelectorAll(FORM).forEach(look)

function step(button) {
  const input = button.parentElement.querySelector("input")
  const { least, mostOf: most } = input.dataset
  const next = Number(input.value || input.placeholder) + Number(button.dataset.step)
  input.value = Math.min(Math.max(next, Number(least)), Number(most))
  input.dispatchEvent(new Event("change", { bubbles: true })) // a draft keeps it
}

function look(form) {
  if (!form?.matches?.(FORM)) return
  showFields(form)
  sayMissing(form)
  for (const sheet of form.querySelectorAll("[data-say-done]")) sayDone(sheet)
}

function sayDone(sheet) {
  const done = sheet.querySelectorAll(".verdict:has(:checked)").length
  sheet.querySelector("progress").value = done
  sheet.querySelector("[data-done]").textContent = sheet.dataset.sayDone.replace("{n}", done)
}

function showFields(form) {
  const said = { ...JSON.parse(form.dataset.record), ...Object.fromEntries(answers(form)) }
  for (const control of form.querySelectorAll("[data-shown-when]")) {
    control.hidden = !matches(JSON.parse(control.dataset.shownWhen), said)
  }
}

const FLAGS = { yes: true, no: false }

const answers = form =>
  [...new FormData(form)]
    .filter(([, value]) => value !== "" && value !== ELSEWHERE && typeof value === "string")
    .map(([name, value]) => [name, FLAGS[value] ?? value])

function sayMissing(form) {
  const said = new Set(answers(form).map(([name]) => name))
  const missing = [...form.querySelectorAll("[data-needed]")].filter(
    control => !control.hidden && !said.has(control.dataset.needed),
  )
  const button = document.querySelector(`[form="${form.id}"]:not([name])`) // not what saves a part
  if (!button) return
  if (!labels.has(button)) labels.set(button, [...button.childNodes])
  button.disabled = missing.length > 0
  const words = form.dataset.sayMissing.replace("{n}", missing.length)
  button.replaceChildren(...(missing.length ? [words] : labels.get(button)))
}
