// The page's notion of now, and the one timer that everything ticking shares.

const listeners = new Set()
let timer = 0
let rendered = ""
let offset = 0

/** Milliseconds since the epoch as the server counts them: #main says when it was rendered. */
export function now() {
  const said = document.getElementById("main")?.dataset.now ?? ""
  if (said !== rendered) {
    rendered = said
    offset = said === "" ? 0 : Number(said) - Date.now()
  }
  return Date.now() + offset
}

/** Call `listener(now)` at once and every second until `stopTicking(listener)`. */
export function startTicking(listener) {
  listeners.add(listener)
  listener(now())
  if (timer === 0) timer = setInterval(tick, 1000)
}

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
