// Custom element that takes or chooses photos, makes them small and posts them to /floor/blobs: <fw-photo
// data-name data-longest data-quality data-most>, `longest` being px of the longer side, `quality` in percent,
// `most` how many the form takes. A page of A4 stays readable at 1600 and 82 and is near 200 KB. A photo is
// drawn anew as JPEG, on white, which drops EXIF: where and with what it was taken does not leave the device.
// A long one, a chat for instance, is cut into pages: at 1600 px of length nobody could read it.

import { within } from "../../service_worker/base/time_limits.js"
import { sha256 } from "./sha256.js"
import { askWorker } from "./worker_messages.js"

const DRAWN = 30_000 // ms that a picture may take to be made small
const LONG = 3 // times its shorter side, from which on a picture is cut into pages
const READABLE = 720 // px that the shorter side of a page keeps: letters of a phone's screen stay readable
const OVERLAP = 40 // px of the source that two pages share, so that no line is cut in two
const NOTES = ["problem", "foreign", "unkept", "cut"]
const FOREIGN = /\.(heic|heif)$|^image\/hei[cf]/i

export class Photo extends HTMLElement {
  // Lifecycle

  connectedCallback() {
    this.list = this.querySelector(".photos")
    this.most = Number(this.dataset.most) || Infinity
    for (const file of this.#files()) file.addEventListener("change", this)
    this.list?.addEventListener("click", this)
    this.#sayFull()
  }

  async handleEvent(event) {
    if (event.type === "click") return this.#remove(event)
    event.stopPropagation() // the file itself is no part of the draft
    const chosen = [...event.target.files]
    event.target.value = ""
    this.#say(null)
    for (const file of chosen) if (this.#room() > 0) await this.add(file)
  }

  // Actions

  /** Make small, hash and store one picture; what was kept stands in the list and its hash in the form. */
  async add(file) {
    this.toggleAttribute("data-busy", true)
    try {
      const { longest, quality } = this.dataset
      const size = { longest: Number(longest), quality: quality / 100, most: this.#room() }
      const pages = await within(DRAWN, shrink(file, size))
      if (!pages) return this.#say(isForeign(file) ? "foreign" : "problem")
      for (const page of pages) await this.#keep(page)
      if (pages.length > 1) this.#say("cut")
    } catch {
      this.#say("unkept")
    } finally {
      this.toggleAttribute("data-busy", false)
    }
  }

  // Private

  async #keep(picture) {
    const hash = await sha256(picture)
    const answer = await askWorker("/floor/blobs", {
      method: "POST",
      body: picture,
      headers: { "Content-Type": "image/jpeg", "Floorwalk-Sha256": hash },
    })
    if (!answer.ok) throw new Error(String(answer.status))
    this.#show(hash, picture)
  }

  #files = () => this.querySelectorAll('input[type="file"]')
  #room = () => this.most - this.list.querySelectorAll("li").length

  #say(name) {
    for (const note of NOTES) {
      const line = this.querySelector(`[data-${note}]`)
      if (line) line.hidden = note !== name
    }
  }

  // Said while it is entered, not after it was read back and signed.
  #sayFull() {
    const isFull = this.#room() <= 0
    for (const file of this.#files()) file.disabled = isFull
    const line = this.querySelector("[data-full]")
    if (line) line.hidden = !isFull
  }

  #show(hash, picture) {
    const row = document.createElement("li")
    const image = document.createElement("img")
    image.src = URL.createObjectURL(picture)
    image.alt = this.querySelector("label")?.textContent.trim() ?? ""
    const input = document.createElement("input")
    input.type = "hidden"
    input.name = this.dataset.name
    input.value = hash
    row.append(image, input, ...this.#removers())
    this.list.append(row)
    this.#sayFull()
    input.dispatchEvent(new Event("change", { bubbles: true }))
  }

  #removers() {
    const pattern = this.querySelector("template[data-remover]")
    return pattern ? [pattern.content.cloneNode(true)] : []
  }

  #remove(event) {
    const button = event.target.closest("[data-remove]")
    if (!button) return
    button.closest("li").remove()
    this.#sayFull()
    this.list.dispatchEvent(new Event("change", { bubbles: true }))
  }
}

const isForeign = file => FOREIGN.test(file.name) || FOREIGN.test(file.type)

async function shrink(file, { longest, quality, most }) {
  // The orientation is in the EXIF that the canvas drops: it has to be applied here.
  const source = await createImageBitmap(file, { imageOrientation: "from-image" })
  const pictures = []
  for (const page of pagesOf(source, longest, most)) {
    const canvas = document.createElement("canvas")
    canvas.width = Math.max(1, Math.round(page.width * page.scale))
    canvas.height = Math.max(1, Math.round(page.height * page.scale))
    const pen = canvas.getContext("2d")
    // JPEG has no transparency: what is not drawn would become black, and black letters with it.
    pen.fillStyle = "#fff"
    pen.fillRect(0, 0, canvas.width, canvas.height)
    const { left, top, width, height } = page
    pen.drawImage(source, left, top, width, height, 0, 0, canvas.width, canvas.height)
    const picture = await new Promise(done => canvas.toBlob(done, "image/jpeg", quality))
    if (!picture) throw new Error("no picture")
    pictures.push(picture)
  }
  source.close()
  return pictures
}

// Returns the pages of a picture, {left, top, width, height} in its own px and the scale to draw them in:
// one, unless it is long or broad. Where the form has room for fewer, pages are longer, never narrower.
function pagesOf({ width, height }, longest, most) {
  const [short, long] = [Math.min(width, height), Math.max(width, height)]
  const whole = { left: 0, top: 0, width, height, scale: Math.min(1, longest / long) }
  if (long <= short * LONG || short * whole.scale >= Math.min(short, READABLE)) return [whole]
  const scale = Math.min(1, READABLE / short)
  const count = Math.max(1, Math.min(most, Math.ceil((long * scale) / longest)))
  const step = Math.ceil(long / count)
  return Array.from({ length: count }, (_, n) => {
    const begins = Math.max(0, n * step - (n ? OVERLAP : 0))
    const length = Math.min(long, (n + 1) * step) - begins
    const isHigh = height === long
    return isHigh
      ? { left: 0, top: begins, width, height: length, scale }
      : { left: begins, top: 0, width: length, height, scale }
  })
}
