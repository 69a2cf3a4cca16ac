// Entry point of the office's pages, besides every_page.js: keyboard shortcuts, live updates, rows of a table that are chosen.

import { watchBooks } from "./books.js"
import { Choose } from "./choose.js"
import { Keys } from "./keys.js"
import { Live } from "./live.js"
import { watchOpens } from "./opens.js"

const ELEMENTS = { "fw-choose": Choose, "fw-keys": Keys, "fw-live": Live }

for (const [name, element] of Object.entries(ELEMENTS)) customElements.define(name, element)

watchBooks()
watchOpens()
