// Custom element of a running deadline: counts up or down each second and changes state when a
// threshold passes. <fw-clock data-started-at data-due-at data-over-at data-full data-say-due
// data-say-over data-stopped> has moments and a length in ms. Inside:
// [data-tick="elapsed|left|late|clock"] is the number, [data-clocked] carries the class calm, due or
// over. Without the script the server's numbers stand.

import { clock, countdown } from "../../service_worker/rules/display_format.js"
import { announce } from "./announce.js"
import { startTicking, stopTicking } from "./page_clock.js"

const STATES = ["calm", "due", "over"]

export class Clock extends HTMLElement {
  // Lifecycle

  connectedCallback() {
    if ("stopped" in this.dataset) return
    this.tick = now => this.show(now)
    this.state = null
    startTicking(this.tick)
  }

  disconnectedCallback() {
    if (this.tick) stopTicking(this.tick)
  }

  // Actions

  show(now) {
    for (const element of this.querySelectorAll("[data-tick]")) {
      const text = this.#text(element.dataset.tick, now)
      if (text !== null && element.textContent !== text) element.textContent = text
    }
    this.#turnRing(now)
    this.#changeState(now)
  }

  // Private

  #text(kind, now) {
    if (kind === "clock") return clock(now)
    if (kind === "elapsed") return countdown(now - this.#moment("startedAt"))
    if (kind === "left") return countdown(this.#moment("dueAt") - now)
    if (kind === "late") return countdown(now - this.#moment("dueAt"))
    return null
  }

  // The ring's stroke goes once round in `full` ms.
  #turnRing(now) {
    const run = this.querySelector(".ring .run")
    if (!run || !this.dataset.full) return
    const part = ((now - this.#moment("startedAt")) * 100) / Number(this.dataset.full)
    run.setAttribute("stroke-dasharray", `${Math.max(0, Math.min(100, part)).toFixed(1)} 100`)
  }

  #changeState(now) {
    const carriers = this.querySelectorAll("[data-clocked]")
    if (carriers.length === 0) return
    const state = this.#stateAt(now)
    const before = this.state
    this.state = state
    if (before === null || state === before) return // what was rendered stands until a threshold passes
    for (const carrier of carriers) {
      carrier.classList.remove(...STATES)
      carrier.classList.add(state)
    }
    announce(state === "over" ? this.dataset.sayOver : this.dataset.sayDue)
    this.dispatchEvent(new CustomEvent("fw:threshold", { bubbles: true, detail: { state } }))
  }

  #stateAt(now) {
    if (this.dataset.overAt && now >= this.#moment("overAt")) return "over"
    if (this.dataset.dueAt && now >= this.#moment("dueAt")) return "due"
    return "calm"
  }

  #moment(name) {
    return Number(this.dataset[name])
  }
}
