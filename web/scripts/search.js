// <fw-search> round a search form: what is typed is asked for after a breath, one answer at a time;
// arrows walk through the results. Tells the worker to warm its index when the box gets the focus.

const BREATH = 120 // ms

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
    else if (!event.isComposing) this.#later() // half a pinyin is not a question yet
  }

  // Actions

  ask() {
    clearTimeout(this.timer)
    this.form.requestSubmit()
  }

  // Private

  #later() {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.ask(), BREATH)
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
