// The device's clock and its offset to the server's clock. Tablets' clocks are wrong by minutes or years;
// acts carry the server's time, estimated from the round trip of each request as NTP does.

/** Milliseconds since the epoch as this device counts them: for order and lengths, not for acts. */
export const deviceNow = () => Date.now()

/** Milliseconds since the epoch as the server counts them, by the offset learnt at the last sync. */
export const nowWith = offset => deviceNow() + (offset ?? 0)

/**
 * Return the offset (ms to add to this device's clock) to believe after one more answer of the server.
 *
 * `believed` is the offset so far, or null; `serverNow` the server's clock in the answer; `asked` and
 * `answered` this device's clock before and after. The server read its clock somewhere between, so the
 * measurement is uncertain by half the round trip: an offset within that stays, so that times on the
 * screen do not jump to and fro with the latency.
 */
export function offsetAfter(believed, serverNow, asked, answered) {
  const measured = Math.round(serverNow - (asked + answered) / 2)
  const uncertain = Math.ceil((answered - asked) / 2)
  if (believed != null && Math.abs(measured - believed) <= uncertain) return believed
  return measured
}
