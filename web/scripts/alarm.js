// Rings when a deadline of this person passes, and again until it is done: a tone (Web Audio), a vibration,
// and a bar that names the patient and what to do. The worker computes the deadlines and stores what rang.
// Before the first touch a browser lets no page make a sound: what could not be heard rings at that touch.

import { announce } from "./announce.js"
import { askWorker, listen } from "./worker_messages.js"

const ASK_AGAIN = 60_000 // ms at most between two questions to the worker
const AFTER_FAILURE = 5_000 // ms
const SOON = 400 // ms after something changed: after what the tap itself shows
const TONE = { due: [660, 880], over: [880, 660, 880] } // Hz, one beep each
const BEEP = 0.18 // s
const VIBRATION = { due: [200, 100, 200], over: [400, 100, 400, 100, 400] } // ms

const TOUCHED = "floorwalk-alarm-touched"

let timer = 0
let audio = null

/** Ring for this page, as long as it is visible. */
export function ringAlarms() {
  // Autoplay policy: an AudioContext that was made before the first touch stays silent.
  for (const type of ["pointerdown", "keydown"]) {
    document.addEventListener(type, unlock, { once: true, capture: true })
  }
  document.addEventListener("visibilitychange", () => !document.hidden && look())
  listen(message => ["kept", "changed", "synced"].includes(message.type) && soon())
  look()
}

let unheard = false // something rang while no sound was possible
const isAudible = () => audio?.state === "running"

async function unlock() {
  audio ??= new AudioContext()
  await audio.resume().catch(() => {})
  if (unheard || looking) soon()
}

let looking = false
let gathering = 0

// Debounced: not in the way of what a tap shows, and once for what comes in a burst.
function soon() {
  clearTimeout(gathering)
  gathering = setTimeout(look, SOON)
}

async function look() {
  if (document.hidden || looking) return
  looking = true
  clearTimeout(timer)
  timer = 0
  try {
    const body = new URLSearchParams(isAudible() ? { heard: "yes" } : {})
    const response = await askWorker("/floor/alarms", { method: "POST", body })
    if (response.ok) take(await response.json())
  } catch {
    // The worker is being replaced or was stopped; the next question finds the new one.
    timer = setTimeout(look, AFTER_FAILURE)
  } finally {
    looking = false
    timer ||= setTimeout(look, ASK_AGAIN)
  }
}

function take({ now, ring, bar, next_at, close }) {
  // 50 ms late rather than early: a question before the deadline would find nothing to ring for.
  const wait = next_at ? Math.max(0, next_at - now) + 50 : ASK_AGAIN
  timer = setTimeout(look, Math.min(wait, ASK_AGAIN))
  unheard = ring.length > 0 && !isAudible()
  if (ring.length && !unheard) {
    sessionStorage.removeItem(TOUCHED)
    sound(ring)
  } else if (unheard) announce(wordsOf(ring[0]))
  show(bar, close)
}

function sound(ring) {
  const kind = kindOf(ring)
  play(kind)
  navigator.vibrate?.(VIBRATION[kind])
  announce(wordsOf(ring[0]))
}

const kindOf = due => (due.some(one => one.rung > 1) ? "over" : "due")

const wordsOf = one => [one.words, one.title, one.place].filter(Boolean).join(" · ")

// The bar

// Shows what is due until it is done; touched, it comes again when it rings again.
function show(due, closeWord) {
  const before = document.getElementById("alarm")
  const keys = JSON.stringify(due.map(one => one.key))
  if (due.length && before?.dataset.keys === keys) return
  before?.remove()
  if (due.length === 0 || sessionStorage.getItem(TOUCHED)) return
  document.getElementById("main")?.after(drawn(due, closeWord, keys))
}

function drawn(due, closeWord, keys) {
  const [first] = due
  const bar = document.createElement("aside") // a landmark of its own
  bar.id = "alarm"
  bar.className = `alarm ${kindOf(due)}`
  bar.dataset.keys = keys
  const link = document.createElement("a")
  link.href = first.href
  link.textContent = due.length > 1 ? `${wordsOf(first)} +${due.length - 1}` : wordsOf(first)
  const close = document.createElement("button")
  close.type = "button"
  close.className = "plain square"
  close.textContent = "×"
  close.ariaLabel = closeWord
  bar.addEventListener("click", () => {
    sessionStorage.setItem(TOUCHED, "1")
    bar.remove()
  })
  bar.append(link, close)
  return bar
}

function play(kind) {
  if (!isAudible()) return
  for (const [n, frequency] of TONE[kind].entries()) {
    const start = audio.currentTime + n * BEEP * 1.5
    const gain = audio.createGain()
    gain.gain.setValueAtTime(0.0001, start)
    gain.gain.exponentialRampToValueAtTime(0.5, start + 0.02)
    gain.gain.exponentialRampToValueAtTime(0.0001, start + BEEP)
    const tone = audio.createOscillator()
    tone.frequency.value = frequency
    tone.connect(gain).connect(audio.destination)
    tone.start(start)
    tone.stop(start + BEEP)
  }
}
