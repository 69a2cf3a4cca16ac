// Entry point of every page: loads htmx, defines the custom elements, and starts what a tablet's page does.

import "htmx.org"

import { watchForms } from "./asking.js"
import { Clock } from "./deadline.js"
import { Draft } from "./draft.js"
import { watchLimits } from "./limits.js"
import { Photo } from "./photo.js"
import { watchRedraws } from "./redraw.js"
import { Search } from "./search.js"
import { Sheet } from "./sheet.js"
import { Sign } from "./sign.js"
import { startTablet } from "./tablet.js"
import { Theme } from "./theme.js"
import { Undo } from "./undo.js"
import { Voice } from "./voice.js"

const ELEMENTS = {
  "fw-clock": Clock,
  "fw-draft": Draft,
  "fw-photo": Photo,
  "fw-search": Search,
  "fw-sheet": Sheet,
  "fw-sign": Sign,
  "fw-theme": Theme,
  "fw-undo": Undo,
  "fw-voice": Voice,
}

for (const [name, element] of Object.entries(ELEMENTS)) customElements.define(name, element)

// A new screen begins at its heading, for those who listen; history goes where it was.
document.addEventListener("htmx:after:history:push", () => {
  requestAnimationFrame(() => document.getElementById("main")?.focus({ preventScroll: true }))
})

document.addEventListener("click", event => {
  if (event.target.closest("[data-print]")) window.print()
})

watchRedraws()
watchLimits()
watchForms()
startTablet()
