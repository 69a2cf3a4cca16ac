// Custom element that records speech: <fw-voice data-name data-seconds> records for `seconds` at most,
// plays it back, and posts what is kept to /floor/blobs. It is heard before it is kept, and goes along
// when the form is sent before that; without a microphone it says so.

import { inTime, within } from "../../service_worker/base/time_limits.js"
import { sha256 } from "./sha256.js"
import { askWorker } from "./worker_messages.js"

const TYPES = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"]
const BITS = 24_000 // a second: a voice stays clear, two minutes are 360 KB
const TICK = 250 // ms between two updates of the progress
const ENDS = 3_000 // ms that a recorder may take to stop

const ASKS = 30_000 // ms; another app may have the microphone, and nobody answers

export class Voice extends HTMLElement {
  // Lifecycle

  connectedCallback() {
    this.addEventListener("click", this)
    document.addEventListener("submit", this, true)
    // A shown player is no part of what is said; only the hidden field of what is kept is.
    this.limit = Number(this.dataset.seconds)
    this.most = Number(this.dataset.most) || Infinity
    this.#show("record")
  }

  disconnectedCallback() {
    document.removeEventListener("submit", this, true)
    this.#quiet()
    this.#forget()
  }

  async handleEvent(event) {
    if (event.type === "submit") return this.#keepFirst(event)
    const pressed = name => event.target.closest(`[data-${name}]`)
    if (pressed("record")) await this.start()
    else if (pressed("stop")) this.stop()
    else if (pressed("keep")) await this.keep()
    else if (pressed("forget")) this.#forget()
    else if (pressed("remove")) this.#remove(pressed("remove"))
  }

  // Actions

  /** Ask for the microphone and record until somebody stops, or the time is over. */
  async start() {
    this.#forget()
    this.#say(null)
    try {
      this.stream = await microphone()
      const mimeType = TYPES.find(type => MediaRecorder.isTypeSupported(type))
      this.recorder = new MediaRecorder(this.stream, { mimeType, audioBitsPerSecond: BITS })
    } catch {
      this.#quiet()
      return this.#say("silent")
    }
    const pieces = []
    this.recorder.addEventListener("dataavailable", ({ data }) => pieces.push(data))
    this.recorder.addEventListener("stop", () => this.#heard(pieces), { once: true })
    this.recorder.start()
    this.began = performance.now()
    this.timer = setInterval(() => this.#tick(), TICK)
    this.#show("running")
    this.#tick()
  }

  /** End the recording; it can be heard then. */
  stop() {
    if (this.recorder?.state === "recording") this.recorder.stop()
  }

  /** Keep what was heard: it stands in the list and its hash in the form. */
  async keep() {
    const { sound } = this
    if (!sound) return
    this.toggleAttribute("data-busy", true)
    try {
      const hash = await sha256(sound)
      const answer = await askWorker("/floor/blobs", {
        method: "POST",
        body: sound,
        headers: { "Content-Type": sound.type, "Floorwalk-Sha256": hash },
      })
      if (!answer.ok) throw new Error(String(answer.status))
      this.#list(hash)
      this.#forget()
    } catch {
      this.#say("unkept")
    } finally {
      this.toggleAttribute("data-busy", false)
    }
  }

  // Private

  // Whoever sends the form means what was recorded, too: it is kept, then the form is sent.
  async #keepFirst(event) {
    const runs = this.recorder?.state === "recording"
    if (event.target !== this.closest("form") || !(runs || this.sound)) return
    event.preventDefault()
    event.stopImmediatePropagation()
    if (runs) {
      const over = new Promise(done => this.recorder.addEventListener("stop", done, { once: true }))
      this.stop()
      await within(ENDS, over)
    }
    await this.keep()
    if (!this.sound) event.target.requestSubmit(event.submitter)
  }

  #tick() {
    const seconds = Math.floor((performance.now() - this.began) / 1000)
    this.#part("running").querySelector("progress").value = seconds
    const words = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`
    this.#part("running").querySelector("output").value = words
    if (seconds >= this.limit) this.stop()
  }

  #heard(pieces) {
    const type = this.recorder.mimeType.split(";")[0]
    this.#quiet()
    if (!this.isConnected) return
    this.sound = new Blob(pieces, { type })
    this.#part("heard").querySelector("audio").src = URL.createObjectURL(this.sound)
    this.#show("heard")
  }

  // Stops the tracks too: otherwise the microphone's light stays on.
  #quiet() {
    clearInterval(this.timer)
    if (this.recorder?.state === "recording") this.recorder.stop()
    for (const track of this.stream?.getTracks() ?? []) track.stop()
    this.stream = null
  }

  #forget() {
    const player = this.#part("heard")?.querySelector("audio")
    if (player?.src) URL.revokeObjectURL(player.src)
    player?.removeAttribute("src")
    this.sound = null
    this.#show("record")
  }

  #list(hash) {
    const row = this.querySelector("template[data-kept]").content.cloneNode(true)
    const input = row.querySelector("input")
    input.value = hash
    row.querySelector("audio").src = URL.createObjectURL(this.sound)
    this.querySelector(".recordings").append(row)
    input.dispatchEvent(new Event("change", { bubbles: true }))
  }

  #remove(button) {
    const form = this.closest("form")
    const list = this.closest("#photos") ?? form
    button.closest("li").remove()
    this.#show("record")
    list?.dispatchEvent(new Event("change", { bubbles: true }))
  }

  // One of the three is there at a time: to begin, while it runs, what was heard.
  #show(name) {
    for (const one of ["record", "running", "heard"]) {
      const part = this.#part(one)
      if (part) part.hidden = one !== name
    }
    // A limit is said while one enters, not after it was read back and signed.
    const isFull = this.querySelectorAll(".recordings li").length >= this.most
    const [full, record] = [this.#part("full"), this.#part("record")]
    if (full) full.hidden = !isFull
    if (record) record.disabled = isFull
  }

  #say(name) {
    for (const one of ["silent", "unkept"]) {
      const part = this.#part(one)
      if (part) part.hidden = one !== name
    }
  }

  #part(name) {
    return this.querySelector(`[data-${name}]`)
  }
}

// One that is given after all is given back: nobody counts on it any more.
async function microphone() {
  const asked = navigator.mediaDevices.getUserMedia({ audio: true })
  try {
    return await inTime(ASKS, asked)
  } catch (error) {
    asked.then(stream => stream.getTracks().forEach(track => track.stop())).catch(() => {})
    throw error
  }
}
