// Makes the worker's responses with their security headers. The server's headers do not reach a page
// that a service worker answers: a policy that is not set here does not exist for it.

import { version } from "../generated/version.js"

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "font-src 'self'",
  "media-src 'self' blob:",
  "form-action 'self'",
  "base-uri 'none'",
  "object-src 'none'",
  "frame-ancestors 'none'",
].join("; ")

const HEADERS = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": POLICY,
  "Permissions-Policy": "camera=(self), geolocation=(), microphone=(self)",
  "Referrer-Policy": "same-origin",
  "X-Content-Type-Options": "nosniff",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "X-App-Version": version,
}

/** Return a Response of HTML text. */
export const html = (text, { status = 200, headers = {} } = {}) =>
  answer(text, "text/html; charset=utf-8", status, headers)

/** Return a Response of a value as JSON. */
export const json = (value, { status = 200, headers = {} } = {}) =>
  answer(JSON.stringify(value), "application/json", status, headers)

/** Return any other Response; `type` is its Content-Type, or null for none. */
export function answer(body, type, status = 200, headers = {}) {
  const all = { ...HEADERS, ...headers }
  return new Response(body, { status, headers: type ? { ...all, "Content-Type": type } : all })
}

/** Return a 303 redirect: the browser goes on to `path` of this site by GET. */
export const seeOther = path => answer(null, null, 303, { Location: path })
