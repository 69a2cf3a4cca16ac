// Custom element of search as you type: <fw-search> round the form submits it after a pause; arrow keys
// walk through the results. It has the worker load its index when the box gets the focus.

const PAUSE = 120 // ms after the last keystroke

export class Search extends HTMLElement {
  // Lifecycle

  connectedCallback() {
    this.form = this.querySelector("form")
    this.box = this.querySelector('input[type="search"]')
    if (!this.form || !this.box) return
    this.box.addEventListener("input", this)
    this.box.addEventListener("focus", this, { once: true })
    this.addEventListener("keydown", this)
  }

  disconnectedCallback() {
    clearTimeout(this.timer)
  }

  handleEvent(event) {
    if (event.type === "focus") this.#warm()
    else if (event.type === "keydown") this.#walk(event)
    else if (!event.isComposing) this.#later() // an input method's half pinyin is no question yet
  }

  // Actions

  ask() {
    clearTimeout(this.timer)
    this.form.requestSubmit()
  }

  // Private

  #later() {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.ask(), PAUSE)
  }

  #warm() {
    if (this.dataset.warm) fetch(this.dataset.warm).catch(() => {})
  }

  #walk(event) {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return
    const places = [this.box, ...this.querySelectorAll("a.line")]
    const next = places.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1)
    if (!places[next]) return
    event.preventDefault()
    places[next].focus()
  }
}
