// Custom element of live pages in the office: <fw-live data-source="/events"> listens to the server and has what changed fetched again.
// An element says what it shows: [data-live="<id of a record> <kind>"] with hx-get and
// hx-trigger="fw:changed". A change while somebody types or points there waits until they are done.
// [data-seq] says how far the database was when the page was drawn, so that nothing falls between a
// page and its stream, nor between two streams.

const GATHER = 250 // ms: several acts in a burst are one fetch
const AGAIN = 5_000 // ms until a fetch or a stream that failed is tried again
const SILENT = 20_000 // ms; the server says every 5 s that it is there, so this stream is dead
const REMEMBERED = 50 // messages; a page that was drawn before the oldest of them is fetched again
const ANYTHING = "*" // what the server names when it cannot name everything
const OK = 200
const BUSY = 429

export class Live extends HTMLElement {
  // Lifecycle

  connectedCallback() {
    this.changed = new Set()
    this.messages = [] // the newest {seq, ids}, oldest first
    this.shown = drawnPage()
    this.since = this.shown?.dataset.seq ?? ""
    this.forgotten = Number(this.since) // messages up to this seq are not among them
    for (const type of HEARD) document.addEventListener(type, this)
    // Not an event of htmx: the link that asked for a page may be swapped away with the menu it is in.
    this.swaps = new MutationObserver(() => this.#catchUp())
    this.swaps.observe(document.body, { childList: true })
    this.#listen()
  }

  disconnectedCallback() {
    for (const type of HEARD) document.removeEventListener(type, this)
    this.swaps.disconnect()
    clearTimeout(this.retry)
    this.#close()
  }

  handleEvent(event) {
    const { type } = event
    if (ALIVE.includes(type)) this.#alive()
    if (type === "message") this.#heard(event)
    else if (type === "error") this.#lost()
    else if (type === "visibilitychange") this.#listen()
    else if (type === "htmx:before:swap") this.#keepWhatStands(event)
    else if (type === "htmx:error" || type === "htmx:response:error") this.#failed(event)
    else if (type === "focusout") this.#later()
  }

  // Actions

  /** Have every element fetched again that shows one of the ids which changed. */
  refresh() {
    const concerned = [...document.querySelectorAll("[data-live]")].filter(one =>
      this.#concerns(one),
    )
    const waiting = concerned.filter(one => this.#inUse(one))
    if (waiting.length === 0) this.changed.clear()
    for (const element of concerned) {
      if (!waiting.includes(element)) element.dispatchEvent(new CustomEvent("fw:changed"))
    }
  }

  // Private

  /** A hidden tab holds no connection; a shown one goes on after the last message it heard. */
  #listen() {
    if (document.hidden) {
      this.#close()
    } else if (!this.source) {
      const address = new URL(this.dataset.source, location.href)
      if (this.since) address.searchParams.set("since", this.since)
      this.source = new EventSource(address)
      for (const type of [...ALIVE, "error"]) this.source.addEventListener(type, this)
      this.#watch()
    }
  }

  #alive() {
    this.toggleAttribute("data-connected", true)
    this.#watch()
  }

  /** After sleep, or behind a router that forgot it, a connection is dead and says no error. */
  #watch() {
    clearTimeout(this.watch)
    this.watch = setTimeout(() => {
      this.#close()
      this.#listen()
    }, SILENT)
  }

  #close() {
    clearTimeout(this.watch)
    this.source?.close()
    this.source = null
    this.toggleAttribute("data-connected", false)
  }

  /** The browser comes back by itself after a cut, but never after an answer such as 429 or 502. */
  #lost() {
    this.toggleAttribute("data-connected", false)
    if (this.source?.readyState !== EventSource.CLOSED) return
    this.#close()
    clearTimeout(this.retry)
    this.retry = setTimeout(() => this.#listen(), AGAIN)
  }

  #heard({ data, lastEventId }) {
    const ids = data.split(/\s+/).filter(Boolean)
    this.since = lastEventId
    this.messages.push({ seq: Number(lastEventId), ids })
    if (this.messages.length > REMEMBERED) this.forgotten = this.messages.shift().seq
    for (const id of ids) this.changed.add(id)
    this.#later()
  }

  /** What was swapped in may have been drawn before a message that came while it was on its way. */
  #catchUp() {
    const page = drawnPage()
    if (page === this.shown) return
    this.shown = page
    const drawn = Number(page?.dataset.seq ?? Infinity)
    if (drawn < this.forgotten) this.changed.add(ANYTHING)
    for (const { seq, ids } of this.messages) {
      if (seq > drawn) for (const id of ids) this.changed.add(id)
    }
    this.#later()
  }

  /** A fetch that failed on the way, or that the server had no time for, is done again. */
  #failed({ target, detail }) {
    if (!target?.matches?.("[data-live]") || !mayBeAskedAgain(detail)) return
    for (const id of target.dataset.live.split(/\s+/)) this.changed.add(id)
    this.#later(AGAIN)
  }

  /** htmx swaps errors in as well: the page of a record would be gone because a server was busy. */
  #keepWhatStands(event) {
    if (event.target?.matches?.("[data-live]") && mayBeAskedAgain(event.detail, OK)) {
      event.preventDefault()
    }
  }

  #later(wait = GATHER) {
    if (this.changed.size === 0) return
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.refresh(), wait)
  }

  #concerns(element) {
    if (this.changed.has(ANYTHING)) return true
    return element.dataset.live.split(/\s+/).some(id => id === ANYTHING || this.changed.has(id))
  }

  #inUse(element) {
    return element.matches(":has(:is(input, textarea, select):focus)")
  }
}

const ALIVE = ["open", "message", "here"]
const HEARD = [
  "visibilitychange",
  "focusout",
  "htmx:before:swap",
  "htmx:error",
  "htmx:response:error",
]

/** What was drawn last; its data-seq says how far the database was then. */
function drawnPage() {
  return document.querySelector("[data-seq]")
}

/** Whether a fetch failed for a reason that passes: no answer at all (`otherwise`), 429 or 5xx. */
function mayBeAskedAgain(detail, otherwise = BUSY) {
  const status = detail?.ctx?.response?.status ?? otherwise
  return status === BUSY || status >= 500
}
