// Custom element of a signature pad: <fw-sign data-name> lets a finger or pen write in its .sign box
// and puts the strokes into its hidden field as JSON, [[[x,y],…],…] in a box of 600 × 160. The checkbox
// beside it says that a person cannot sign, so the form never depends on drawing.

import { isWritten } from "../../service_worker/rules/field_kinds.js"

// The units of the strokes: those of the SVG's viewBox, whatever its size on the screen is.
const WIDTH = 600
const HEIGHT = 160
const SHORT = "[data-short]"
const NEAR = 2 // units; points closer than this add nothing to a line

export class Sign extends HTMLElement {
  // Lifecycle

  connectedCallback() {
    this.pad = this.querySelector(".sign")
    this.drawing = this.pad?.querySelector("svg")
    this.input = this.querySelector(`input[type="hidden"][name="${this.dataset.name}"]`)
    if (!this.drawing || !this.input) return
    this.strokes = this.#read()
    for (const type of ["pointerdown", "pointermove", "pointerup", "pointercancel"]) {
      this.drawing.addEventListener(type, this)
    }
    this.querySelector("[data-again]")?.addEventListener("click", this)
    this.draw()
  }

  handleEvent(event) {
    if (event.type === "click") this.clear()
    else if (event.type === "pointerdown") this.#begin(event)
    else if (event.type === "pointermove") this.#go(event)
    else this.#end()
  }

  // Actions

  clear() {
    this.strokes = []
    this.#write()
    this.draw()
  }

  draw() {
    const path = this.drawing.querySelector("path") ?? this.drawing.appendChild(newPath())
    path.setAttribute("d", this.strokes.map(line).join(""))
  }

  // Private

  #begin(event) {
    if (!event.isPrimary) return
    event.preventDefault()
    this.drawing.setPointerCapture(event.pointerId)
    this.stroke = [this.#point(event)]
    this.strokes.push(this.stroke)
    this.draw()
  }

  #go(event) {
    if (!this.stroke || !event.isPrimary) return
    // A browser reports one move a frame; the points between are what makes a line smooth.
    for (const one of event.getCoalescedEvents?.() ?? [event]) {
      const [x, y] = this.#point(one)
      const [lastX, lastY] = this.stroke[this.stroke.length - 1]
      if (Math.abs(x - lastX) + Math.abs(y - lastY) >= NEAR) this.stroke.push([x, y])
    }
    this.draw()
  }

  #end() {
    if (!this.stroke) return
    this.stroke = null
    this.#write()
  }

  #point(event) {
    const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(
      this.drawing.getScreenCTM().inverse(),
    )
    return [clamp(place.x, WIDTH), clamp(place.y, HEIGHT)]
  }

  #read() {
    try {
      const strokes = JSON.parse(this.input.value || "[]")
      return Array.isArray(strokes) ? strokes : []
    } catch {
      return []
    }
  }

  // A dot is not kept as a signature, and it is said at once (rules/field_kinds.js has the measure).
  #write() {
    const written = isWritten(this.strokes.map(stroke => stroke.flat()))
    this.input.value = written ? JSON.stringify(this.strokes) : ""
    const short = this.querySelector(SHORT)
    if (short) short.hidden = written || this.strokes.length === 0
    this.input.dispatchEvent(new Event("change", { bubbles: true })) // a draft keeps it
  }
}

function newPath() {
  return document.createElementNS("http://www.w3.org/2000/svg", "path")
}

function line(points) {
  const [first, ...rest] = points
  const more = rest.length ? rest : [first] // a dot is a line without length and a round cap
  return `M${first.join(" ")}L${more.map(point => point.join(" ")).join(" ")}`
}

function clamp(value, most) {
  return Math.round(Math.max(0, Math.min(most, value)))
}
