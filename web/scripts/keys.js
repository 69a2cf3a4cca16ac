// Custom element of the office's keyboard shortcuts, <fw-keys>: / search, j k rows, Enter open, u back,
// g 1–9 menu, ? overview. A key only presses a link or button of the page, so that everything can be
// done without keys.

const TYPING = "input, textarea, select, [contenteditable]"
const ROWS = "[data-row], .grid-table tbody tr:has(a), .rows > li:has(a)"

export class Keys extends HTMLElement {
  // Lifecycle

  connectedCallback() {
    document.addEventListener("keydown", this)
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this)
  }

  handleEvent(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
    if (event.target.closest?.(TYPING)) {
      if (event.key === "Escape") event.target.blur()
      return
    }
    if (document.querySelector("dialog[open]")) return
    const action = this.#action(event.key)
    if (!action) return
    event.preventDefault()
    action()
  }

  // Actions

  overview() {
    this.querySelector("dialog")?.showModal()
  }

  search() {
    document.querySelector('[data-search], input[type="search"]')?.focus()
  }

  step(by) {
    const rows = [...document.querySelectorAll(`#main :is(${ROWS})`)]
    const here = rows.findIndex(row => row.contains(document.activeElement))
    const next = rows[Math.max(0, Math.min(rows.length - 1, here + by))]
    next?.querySelector("a")?.focus()
    next?.scrollIntoView({ block: "nearest" })
  }

  // Private

  #action(key) {
    const menu = this.leading && /^[1-9]$/.test(key) ? Number(key) : 0
    this.leading = key === "g"
    if (menu) return () => document.querySelectorAll(".side .books a")[menu - 1]?.click()
    return (
      {
        "?": () => this.overview(),
        "/": () => this.search(),
        j: () => this.step(1),
        k: () => this.step(-1),
        u: () => document.querySelector("[data-back]")?.click(),
      }[key] ?? this.#shortcut(key)
    )
  }

  /** A button may name its own key: data-key="1". */
  #shortcut(key) {
    const button = /^[\w]$/.test(key) && document.querySelector(`#main [data-shortcut="${key}"]`)
    return button ? () => button.click() : null
  }
}
