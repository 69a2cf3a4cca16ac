// Custom element of the undo offer: <fw-undo data-until-at> (ms) counts its seconds down and removes
// itself.

import { startTicking, stopTicking } from "./page_clock.js"

export class Undo extends HTMLElement {
  // Lifecycle

  connectedCallback() {
    this.tick = now => this.show(now)
    startTicking(this.tick)
  }

  disconnectedCallback() {
    stopTicking(this.tick)
  }

  // Actions

  show(now) {
    const left = Math.ceil((Number(this.dataset.untilAt) - now) / 1000)
    if (left <= 0) return this.remove()
    const seconds = this.querySelector("[data-seconds]")
    if (seconds) seconds.textContent = String(left)
  }
}
