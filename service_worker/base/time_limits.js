// How long anything may take that a device, a disk or a network may never answer.

/** What was waited for did not come in time. */
export class Late extends Error {
  name = "Late"
}

/** Settle as the promise does, or fail with Late when it has not settled within `patience` ms. */
export function inTime(patience, promise) {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Late(`nothing came within ${patience} ms`)), patience)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/** Return what the promise comes to; null when it fails or has not settled within `patience` ms. */
export const within = (patience, promise) => inTime(patience, promise).catch(() => null)
