// <fw-live data-source="/events"> listens to the server and has what changed fetched again.
// An element says what it shows: [data-live="complaint:01K… place:lobby"] with hx-get and
// hx-trigger="fw:changed". A change while somebody types or points there waits until they are done.

const GATHER = 250 // ms: ten acts in a burst are one fetch

export class Live extends HTMLElement {
  // Lifecycle

  connectedCallback() {
    this.changed = new Set()
    document.addEventListener("visibilitychange", this)
    document.addEventListener("focusout", this)
    this.#listen()
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this)
    document.removeEventListener("focusout", this)
    this.source?.close()
  }

  handleEvent(event) {
    if (event.type === "message") this.#heard(event.data)
    else if (event.type === "open") this.toggleAttribute("data-connected", true)
    else if (event.type === "error") this.toggleAttribute("data-connected", false)
    else if (event.type === "visibilitychange") this.#listen()
    else this.#later()
  }

  // Actions

  /** Have every element fetched again that shows one of the ids which changed. */
  refresh() {
    for (const element of document.querySelectorAll("[data-live]")) {
      if (!this.#concerns(element) || this.#inUse(element)) continue
      element.dispatchEvent(new CustomEvent("fw:changed"))
    }
    if (![...document.querySelectorAll("[data-live]")].some(one => this.#inUse(one))) {
      this.changed.clear()
    }
  }

  // Private

  /** A hidden tab holds no connection; a shown one begins by catching up. */
  #listen() {
    if (document.hidden) {
      this.source?.close()
      this.source = null
    } else if (!this.source) {
      this.source = new EventSource(this.dataset.source)
      for (const type of ["message", "open", "error"]) this.source.addEventListener(type, this)
    }
  }

  #heard(data) {
    for (const id of data.split(/\s+/)) if (id) this.changed.add(id)
    this.#later()
  }

  #later() {
    if (this.changed.size === 0) return
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.refresh(), GATHER)
  }

  #concerns(element) {
    const shown = element.dataset.live.split(/\s+/)
    return shown.some(id => id === "*" || this.changed.has(id))
  }

  #inUse(element) {
    return element.matches(":has(:is(input, textarea, select):focus)")
  }
}
