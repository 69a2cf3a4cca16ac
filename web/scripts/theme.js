// Custom element of the choice of looks: <fw-theme> applies a theme at once; the form around it, or a
// cookie in the office, remembers it. [data-theme-next] cycles, [name=theme|hands|side] radios choose.

const THEMES = ["", "light", "dark", "night"]
const YEAR = 31_536_000 // s

export class Theme extends HTMLElement {
  // Lifecycle

  connectedCallback() {
    this.addEventListener("change", this)
    this.addEventListener("click", this)
  }

  handleEvent(event) {
    if (event.type === "change") this.choose(event.target.name, event.target.value)
    else if (event.target.closest("[data-theme-next]")) this.next()
  }

  // Actions

  next() {
    const here = document.documentElement.dataset.theme ?? ""
    this.choose("theme", THEMES[(THEMES.indexOf(here) + 1) % THEMES.length])
  }

  choose(name, value) {
    if (!["theme", "hands", "side"].includes(name)) return
    if (value) document.documentElement.dataset[name] = value
    else delete document.documentElement.dataset[name]
    if ("cookie" in this.dataset) {
      document.cookie = `floorwalk_${name}=${value}; Path=/; Max-Age=${YEAR}; SameSite=Lax`
    }
  }
}
