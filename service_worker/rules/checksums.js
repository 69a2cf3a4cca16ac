// Whether this tablet holds what its person sees, in ten letters; and where it does not. The server
// counts in the same way (sync/checksums.py).

export const BUCKETS = 256
const DIGITS = 10 // of a hash, 4 bits each: a sum stays exact
const WHOLE = 16 ** DIGITS
const LAST = 6 // letters of an id that say its bucket

/** Return in which bucket a record is counted. */
export function bucketOf(id) {
  let number = 0
  for (let at = Math.max(0, id.length - LAST); at < id.length; at += 1) {
    number = (number * 31 + id.charCodeAt(at)) % BUCKETS
  }
  return number
}

/** Return what a revision adds to a sum; one that is none adds what no other does. */
export function weight(rev) {
  const number = Number.parseInt(String(rev).split("-")[1]?.slice(0, DIGITS), 16)
  return Number.isNaN(number) ? WHOLE - 1 : number
}

/** Return {count, buckets} of rows [id, rev], a sum for each bucket. */
export function counted(rows) {
  const buckets = new Array(BUCKETS).fill(0)
  for (const [id, rev] of rows) {
    const bucket = bucketOf(id)
    buckets[bucket] = (buckets[bucket] + weight(rev)) % WHOLE
  }
  return { count: rows.length, buckets: buckets.map(written) }
}

/** Return the sum of all buckets, as it is sent. */
export const total = buckets =>
  written(buckets.reduce((sum, bucket) => (sum + Number.parseInt(bucket, 16)) % WHOLE, 0))

/** Return the numbers of the buckets in which the two differ. */
export const differing = (ours, theirs) => ours.map((_, n) => n).filter(n => ours[n] !== theirs[n])

/**
 * Return {lacking, surplus}: ids to be fetched, and ids to be dropped, in some buckets.
 *
 * `rows` are ours [id, rev], `revs` the server's {id: rev} in the buckets that differ.
 */
export function difference(rows, revs, buckets) {
  const wrong = new Set(buckets)
  const ours = new Map(rows.filter(([id]) => wrong.has(bucketOf(id))))
  return {
    lacking: Object.keys(revs).filter(id => ours.get(id) !== revs[id]),
    surplus: [...ours.keys()].filter(id => !(id in revs)),
  }
}

const written = number => number.toString(16).padStart(DIGITS, "0")
