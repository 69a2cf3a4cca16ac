// Checksums of the replicated records, so that tablet and server can compare what they hold with a few
// bytes: the revisions are summed up per bucket of ids, and only buckets that differ are listed row by
// row. The server sums in the same way (sync/checksums.py).

export const BUCKETS = 256
const DIGITS = 10 // hexadecimal, of a revision's hash: 40 bits, so a sum of two stays below 2^53
const WHOLE = 16 ** DIGITS
const LAST = 6 // letters of an id that say its bucket; those before are prefix and time, much alike

/** Return the number of the bucket, 0 … 255, in which a record is counted. */
export function bucketOf(id) {
  let number = 0
  for (let at = Math.max(0, id.length - LAST); at < id.length; at += 1) {
    number = (number * 31 + id.charCodeAt(at)) % BUCKETS
  }
  return number
}

/** Return the number that a revision such as "3-1f…" adds to a sum; a malformed one adds the largest. */
export function weight(rev) {
  const number = Number.parseInt(String(rev).split("-")[1]?.slice(0, DIGITS), 16)
  return Number.isNaN(number) ? WHOLE - 1 : number
}

/** Return {count, buckets} of rows [id, rev]: each bucket's sum as ten hexadecimal digits. */
export function counted(rows) {
  const buckets = new Array(BUCKETS).fill(0)
  for (const [id, rev] of rows) {
    const bucket = bucketOf(id)
    buckets[bucket] = (buckets[bucket] + weight(rev)) % WHOLE
  }
  return { count: rows.length, buckets: buckets.map(written) }
}

/** Return the sum of all buckets as ten hexadecimal digits, as the server sends it. */
export const total = buckets =>
  written(buckets.reduce((sum, bucket) => (sum + Number.parseInt(bucket, 16)) % WHOLE, 0))

/** Return the numbers of the buckets in which the two differ. */
export const differing = (ours, theirs) => ours.map((_, n) => n).filter(n => ours[n] !== theirs[n])

/**
 * Return {lacking, surplus}: ids to be fetched and ids to be dropped.
 *
 * `rows` are all of ours, [id, rev]; `revs` is the server's {id: rev} in `buckets`, those that differ.
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
