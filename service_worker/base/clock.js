// The tablet's clock, and what is known of how wrong it is.

/** Milliseconds since the epoch as this device counts them: for order and lengths, not for acts. */
export const deviceNow = () => Date.now()

/** Milliseconds since the epoch as the server counts them, by the offset learnt at the last sync. */
export const nowWith = offset => deviceNow() + (offset ?? 0)

/**
 * Return the offset to believe after one more answer of the server.
 *
 * The answer was made somewhere between `asked` and `answered`, so what it says is uncertain by half
 * of that: a belief within the uncertainty stays, so that the clock does not tremble.
 */
export function offsetAfter(believed, serverNow, asked, answered) {
  const measured = Math.round(serverNow - (asked + answered) / 2)
  const uncertain = Math.ceil((answered - asked) / 2)
  if (believed != null && Math.abs(measured - believed) <= uncertain) return believed
  return measured
}
