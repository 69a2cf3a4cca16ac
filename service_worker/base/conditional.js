// Answers what a request asks of kept bytes as the server would: a range (RFC 9110, 14), nothing when the
// browser has them already (ETag), the headers alone (HEAD).

const RANGE = /^bytes=(\d*)-(\d*)$/

/**
 * Return {status, headers, part: [first byte, end]} for bytes of `size` whose name is `etag`.
 *
 * `header(name)` reads the request. Status is 200, 206, 304 or 416; `part` is null where no body belongs.
 * Several ranges at once are answered with the whole, as a server may.
 */
export function conditional(header, size, etag) {
  const headers = { "Accept-Ranges": "bytes", ETag: etag }
  if (names(header("If-None-Match"), etag)) return { status: 304, headers, part: null }
  const range = RANGE.exec(header("Range") ?? "")
  const isOther = header("If-Range") && header("If-Range") !== etag
  if (!range || isOther || !(range[1] || range[2])) {
    headers["Content-Length"] = String(size)
    return { status: 200, headers, part: [0, size] }
  }
  const [first, end] = bounds(range, size)
  if (first >= end) {
    return { status: 416, headers: { ...headers, "Content-Range": `bytes */${size}` }, part: null }
  }
  headers["Content-Range"] = `bytes ${first}-${end - 1}/${size}`
  headers["Content-Length"] = String(end - first)
  return { status: 206, headers, part: [first, end] }
}

// `5-` is all from byte 5 on, `-5` the last five.
function bounds([, from, to], size) {
  if (from === "") return [Math.max(0, size - Number(to)), size]
  if (to !== "" && Number(to) < Number(from)) return [0, 0]
  return [Number(from), to === "" ? size : Math.min(size, Number(to) + 1)]
}

const names = (list, etag) =>
  (list ?? "").split(",").some(each => ["*", etag].includes(each.trim().replace(/^W\//, "")))

/** Return the same response without its body, for HEAD. */
export const headOnly = ({ status, headers }) => new Response(null, { status, headers })
