// Rings when a clock of this person runs out: a tone, a vibration, and a bar that names the patient and
// what to do. The worker computes the clocks and remembers what rang, so each rung rings once.

import { announce } from "./announce.js"
import { listen } from "./link.js"

const ASK_AGAIN = 60_000 // ms at most between two questions
const TONE = { due: [660, 880], over: [880, 660, 880] } // Hz, one beep each
const BEEP = 0.18 // s
const VIBRATION = { due: [200, 100, 200], over: [400, 100, 400, 100, 400] } // ms

let timer = 0
let sound = null

export function ringAlarms() {
  // A browser makes no sound before the first touch.
  document.addEventListener("pointerdown", unlock, { once: true, capture: true })
  document.addEventListener("visibilitychange", () => !document.hidden && look())
  listen(told => ["kept", "changed", "synced"].includes(told.type) && look())
  look()
}

function unlock() {
  sound ??= new AudioContext()
  sound.resume().catch(() => {})
}

let looking = false

async function look() {
  if (document.hidden || looking) return
  looking = true
  clearTimeout(timer)
  try {
    const response = await fetch("/floor/alarms", { method: "POST" })
    if (response.ok) take(await response.json())
  } catch {
    // The worker is being replaced; the next question finds the new one.
  } finally {
    looking = false
    timer ||= setTimeout(look, ASK_AGAIN)
  }
}

function take({ now, ring, bar, next_at }) {
  const wait = next_at ? Math.max(0, next_at - now) + 50 : ASK_AGAIN
  timer = setTimeout(look, Math.min(wait, ASK_AGAIN))
  if (ring.length) raise(ring)
  lower(new Set(bar.map(one => one.key)))
}

// The bar

function raise(ring) {
  const [first] = ring
  const kind = ring.some(one => one.rung > 1) ? "over" : "due"
  play(kind)
  navigator.vibrate?.(VIBRATION[kind])
  const words = [first.words, first.title, first.place].filter(Boolean).join(" · ")
  announce(words)
  document.getElementById("alarm")?.remove()
  document.getElementById("main")?.after(drawn(kind, words, first, ring))
}

function drawn(kind, words, first, ring) {
  const bar = document.createElement("div")
  bar.id = "alarm"
  bar.className = `alarm ${kind}`
  bar.dataset.keys = JSON.stringify(ring.map(one => one.key))
  const link = document.createElement("a")
  link.href = first.href
  link.textContent = ring.length > 1 ? `${words} +${ring.length - 1}` : words
  const close = document.createElement("button")
  close.type = "button"
  close.className = "plain square"
  close.textContent = "×"
  close.ariaLabel = words
  bar.addEventListener("click", () => bar.remove())
  bar.append(link, close)
  return bar
}

// What was done meanwhile needs no bar.
function lower(stillDue) {
  const bar = document.getElementById("alarm")
  if (bar && !JSON.parse(bar.dataset.keys).some(key => stillDue.has(key))) bar.remove()
}

function play(kind) {
  if (sound?.state !== "running") return
  for (const [n, frequency] of TONE[kind].entries()) {
    const start = sound.currentTime + n * BEEP * 1.5
    const gain = sound.createGain()
    gain.gain.setValueAtTime(0.0001, start)
    gain.gain.exponentialRampToValueAtTime(0.5, start + 0.02)
    gain.gain.exponentialRampToValueAtTime(0.0001, start + BEEP)
    const tone = sound.createOscillator()
    tone.frequency.value = frequency
    tone.connect(gain).connect(sound.destination)
    tone.start(start)
    tone.stop(start + BEEP)
  }
}
