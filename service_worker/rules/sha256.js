// SHA-256 without waiting: the browser's own answers with a promise, and the id of a record with a key is
// needed where nothing waits. Cases: those of key_id in tests/vectors/act.json.

const PRIMES = []
for (let n = 2; PRIMES.length < 64; n++) if (PRIMES.every(prime => n % prime)) PRIMES.push(n)
const fraction = root => ((root % 1) * 2 ** 32) >>> 0
const START = PRIMES.slice(0, 8).map(prime => fraction(Math.sqrt(prime)))
const ROUNDS = PRIMES.map(prime => fraction(Math.cbrt(prime)))

const turned = (word, by) => (word >>> by) | (word << (32 - by))

/** Return the 32 bytes of a text's sum, an array of numbers. */
export function sha256(text) {
  const bytes = new TextEncoder().encode(text)
  const length = ((bytes.length + 72) >> 6) << 6 // with a bit, and the length in 8 bytes
  const view = new DataView(new ArrayBuffer(length))
  bytes.forEach((byte, at) => view.setUint8(at, byte))
  view.setUint8(bytes.length, 0x80)
  view.setUint32(length - 4, bytes.length * 8)
  let sum = START
  for (let block = 0; block < length; block += 64) {
    const words = Array.from({ length: 16 }, (_, n) => view.getUint32(block + 4 * n))
    for (let n = 16; n < 64; n++) {
      const [early, late] = [words[n - 15], words[n - 2]]
      const s0 = turned(early, 7) ^ turned(early, 18) ^ (early >>> 3)
      const s1 = turned(late, 17) ^ turned(late, 19) ^ (late >>> 10)
      words.push((words[n - 16] + s0 + words[n - 7] + s1) | 0)
    }
    let [a, b, c, d, e, f, g, h] = sum
    for (let n = 0; n < 64; n++) {
      const s1 = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)
      const one = h + s1 + ((e & f) ^ (~e & g)) + ROUNDS[n] + words[n]
      const s0 = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)
      const two = s0 + ((a & b) ^ (a & c) ^ (b & c))
      ;[a, b, c, d, e, f, g, h] = [(one + two) | 0, a, b, c, (d + one) | 0, e, f, g]
    }
    sum = [a, b, c, d, e, f, g, h].map((word, n) => (word + sum[n]) | 0)
  }
  return sum.flatMap(word => [24, 16, 8, 0].map(shift => (word >>> shift) & 255))
}
