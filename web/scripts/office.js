// Entry point of the office's pages, besides every_page.js: keyboard shortcuts and live updates.

import { Keys } from "./keys.js"
import { Live } from "./live.js"

const ELEMENTS = { "fw-keys": Keys, "fw-live": Live }

for (const [name, element] of Object.entries(ELEMENTS)) customElements.define(name, element)
