// The page's clock, corrected by the server's, and one shared timer for everything that ticks each second.

const listeners = new Set()
let timer = 0
let rendered = ""
let offset = 0

/** Return ms since the epoch by the server's clock: #main carries its value of when it was rendered. */
export function now() {
  const stamp = document.getElementById("main")?.dataset.now ?? ""
  if (stamp !== rendered) {
    rendered = stamp
    offset = stamp === "" ? 0 : Number(stamp) - Date.now()
  }
  return Date.now() + offset
}

/** Call `listener(now)` at once and every second until `stopTicking(listener)`. */
export function startTicking(listener) {
  listeners.add(listener)
  listener(now())
  if (timer === 0) timer = setInterval(tick, 1000)
}

/** Call `listener` no more; the timer stops with the last one. */
export function stopTicking(listener) {
  listeners.delete(listener)
  if (listeners.size === 0) {
    clearInterval(timer)
    timer = 0
  }
}

function tick() {
  const moment = now()
  for (const listener of listeners) listener(moment)
}
