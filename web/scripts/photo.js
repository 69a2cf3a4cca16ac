// Custom element that takes or chooses a photo, shrinks it and posts it to /floor/blobs: <fw-photo
// data-name data-longest data-quality>, `longest` being px of the longer side, `quality` in percent. A
// page of A4 stays readable at 1600 and 82 and is near 200 KB. The photo is drawn anew as JPEG, which
// drops EXIF: where and with what it was taken does not leave the device.

import { within } from "../../service_worker/base/time_limits.js"
import { sha256 } from "./sha256.js"
import { askWorker } from "./worker_messages.js"

const DRAWN = 30_000 // ms that a picture may take to be made small

export class Photo extends HTMLElement {
  // Lifecycle

  connectedCallback() {
    this.file = this.querySelector('input[type="file"]')
    this.list = this.querySelector(".photos")
    this.file?.addEventListener("change", this)
    this.list?.addEventListener("click", this)
  }

  async handleEvent(event) {
    if (event.type === "click") return this.#remove(event)
    event.stopPropagation() // the file itself is no part of the draft
    const [chosen] = this.file.files
    this.file.value = ""
    if (chosen) await this.add(chosen)
  }

  // Actions

  /** Shrink, hash and store one photo; on success it stands in the list and its hash in the form. */
  async add(file) {
    const problem = this.querySelector("[data-problem]")
    this.toggleAttribute("data-busy", true)
    try {
      const { longest, quality } = this.dataset
      const size = { longest: Number(longest), quality: quality / 100 }
      const picture = await within(DRAWN, shrink(file, size))
      if (!picture) throw new Error("no picture")
      const hash = await sha256(picture)
      const answer = await askWorker("/floor/blobs", {
        method: "POST",
        body: picture,
        headers: { "Content-Type": "image/jpeg", "Floorwalk-Sha256": hash },
      })
      if (!answer.ok) throw new Error(String(answer.status))
      this.#show(hash, picture)
      if (problem) problem.hidden = true
    } catch {
      if (problem) problem.hidden = false
    } finally {
      this.toggleAttribute("data-busy", false)
    }
  }

  // Private

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
    input.dispatchEvent(new Event("change", { bubbles: true }))
  }

  #removers() {
    const pattern = this.querySelector("template[data-remover]")
    return pattern ? [pattern.content.cloneNode(true)] : []
  }

  #remove(event) {
    const button = event.target.closest("[data-remove]")
    if (!button) return
    const form = this.closest("form")
    button.closest("li").remove()
    form?.dispatchEvent(new Event("change", { bubbles: true }))
  }
}

async function shrink(file, { longest, quality }) {
  // The orientation is in the EXIF that the canvas drops: it has to be applied here.
  const source = await createImageBitmap(file, { imageOrientation: "from-image" })
  const scale = Math.min(1, longest / Math.max(source.width, source.height))
  const canvas = document.createElement("canvas")
  canvas.width = Math.round(source.width * scale)
  canvas.height = Math.round(source.height * scale)
  canvas.getContext("2d").drawImage(source, 0, 0, canvas.width, canvas.height)
  source.close()
  const picture = await new Promise(done => canvas.toBlob(done, "image/jpeg", quality))
  if (!picture) throw new Error("no picture")
  return picture
}
