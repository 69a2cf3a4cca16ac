// Custom element that stores a form's fields while they are typed: <fw-draft data-key> round the form,
// POST /floor/drafts/<key>. The worker puts the draft back when it renders the form, so nothing is
// restored here. Says "kept on this device 10:57" in [data-kept] and marks the page dirty for the
// update.

import { clock } from "../../service_worker/rules/display_format.js"
import { askWorker } from "./worker_messages.js"
import { now } from "./page_clock.js"

const PAUSE = 400 // ms after the last keystroke; leaving a field or the page does not wait

export class Draft extends HTMLElement {
  // Lifecycle

  connectedCallback() {
    this.form = this.querySelector("form")
    if (!this.form) return
    this.addEventListener("input", this)
    this.addEventListener("change", this)
    this.addEventListener("submit", this)
    document.addEventListener("visibilitychange", this)
    window.addEventListener("pagehide", this)
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this)
    window.removeEventListener("pagehide", this)
    this.#settle()
    delete document.documentElement.dataset.dirty // what was typed is a draft now
  }

  handleEvent(event) {
    if (event.type === "input") this.#later()
    else if (event.type === "change") this.keep()
    else if (event.type === "submit") this.#forget()
    else this.#settle()
  }

  // Actions

  /** Keep what the form says now. A failure is tried again with the next keystroke. */
  async keep() {
    clearTimeout(this.timer)
    this.timer = 0
    const body = new URLSearchParams()
    for (const [name, value] of new FormData(this.form)) {
      if (typeof value === "string") body.append(name, value)
    }
    document.documentElement.dataset.dirty = "true"
    try {
      const answer = await askWorker(`/floor/drafts/${encodeURIComponent(this.dataset.key)}`, {
        method: "POST",
        body,
        keepalive: true, // outlives the page, so that a lock or a swipe loses nothing
      })
      if (answer.ok) this.#say()
    } catch {
      this.#later()
    }
  }

  // Private

  #later() {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.keep(), PAUSE)
  }

  #settle() {
    if (this.timer) this.keep()
  }

  /** The act itself was sent: the worker throws the draft away together with writing the act. */
  #forget() {
    clearTimeout(this.timer)
    this.timer = 0
    delete document.documentElement.dataset.dirty
  }

  #say() {
    // Begun anew is begun: loaded again, the page shows what was typed since.
    if (this.isConnected && location.search.includes("anew=")) {
      const here = new URL(location)
      here.searchParams.delete("anew")
      history.replaceState(history.state, "", here)
    }
    for (const mark of this.querySelectorAll("[data-kept-at]")) mark.textContent = clock(now())
    for (const mark of this.querySelectorAll("[data-kept]")) mark.hidden = false
  }
}
