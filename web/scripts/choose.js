// Custom element of tables whose rows can be chosen, <fw-choose>: all of a page at once, how many are chosen, and
// the same rows again when the table was fetched anew or one came back to it. Without it rows are
// chosen one by one.

const KEY = "fw-chosen" // what this tab remembers: {path: [ids]}

export class Choose extends HTMLElement {
  // Lifecycle

  connectedCallback() {
    this.addEventListener("change", this)
    this.form = document.getElementById("several")
    this.form?.addEventListener("reset", this)
    document.addEventListener("htmx:after:swap", this)
    this.restore()
  }

  disconnectedCallback() {
    document.removeEventListener("htmx:after:swap", this)
  }

  handleEvent({ type, target }) {
    if (type === "reset") {
      for (const one of this.#rows()) one.checked = false
      this.#keep()
    } else if (type === "htmx:after:swap") {
      this.restore()
    } else {
      if (target.matches("[data-all]")) for (const one of this.#rows()) one.checked = target.checked
      this.#keep()
    }
  }

  // Actions

  /** Choose again what was chosen here before. */
  restore() {
    const chosen = new Set(remembered()[place()] ?? [])
    for (const one of this.#rows()) one.checked = chosen.has(one.value)
    this.#count()
  }

  // Private

  #rows() {
    return [...this.querySelectorAll('tbody input[name="row"]')]
  }

  #keep() {
    const kept = remembered()
    kept[place()] = this.#rows()
      .filter(one => one.checked)
      .map(one => one.value)
    sessionStorage.setItem(KEY, JSON.stringify(kept))
    this.#count()
  }

  #count() {
    const rows = this.#rows()
    const number = rows.filter(one => one.checked).length
    const all = this.querySelector("[data-all]")
    if (all) {
      all.checked = number > 0 && number === rows.length
      all.indeterminate = number > 0 && number < rows.length
    }
    const said = this.querySelector("[data-number]")
    if (said && said.textContent !== String(number)) said.textContent = String(number)
  }
}

function remembered() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) ?? {}
  } catch {
    return {}
  }
}

/** The table as it is shown: another filter or page has other rows. */
function place() {
  return location.pathname + location.search
}
