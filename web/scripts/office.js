// What pages of the office have besides start.js: the keyboard, and rows that change by themselves.

import { Keys } from "./keys.js"
import { Live } from "./live.js"

const ELEMENTS = { "fw-keys": Keys, "fw-live": Live }

for (const [name, element] of Object.entries(ELEMENTS)) customElements.define(name, element)
