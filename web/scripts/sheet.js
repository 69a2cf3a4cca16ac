// Custom element of a modal sheet: <fw-sheet data-close> round a .sheet holds the focus in it, Escape
// closes it, and the focus goes back to where it was. Without the script the sheet is a form with a
// link that closes it.

export class Sheet extends HTMLElement {
  // Lifecycle

  connectedCallback() {
    this.before = document.activeElement
    this.addEventListener("keydown", this)
    this.querySelector(".sheet")?.focus({ preventScroll: true })
  }

  disconnectedCallback() {
    if (this.before?.isConnected) this.before.focus({ preventScroll: true })
  }

  handleEvent(event) {
    if (event.key === "Escape") this.close()
    else if (event.key === "Tab") this.#hold(event)
  }

  // Actions

  close() {
    this.querySelector("[data-close-sheet]")?.click()
  }

  // Private

  #hold(event) {
    const all = [...this.querySelectorAll("a[href], button, input, textarea, select")].filter(
      element => element.type !== "hidden" && !element.disabled && element.offsetParent,
    )
    const edge = event.shiftKey ? all[0] : all[all.length - 1]
    if (document.activeElement !== edge) return
    event.preventDefault()
    ;(event.shiftKey ? all[all.length - 1] : all[0])?.focus()
  }
}
