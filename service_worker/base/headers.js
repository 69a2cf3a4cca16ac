// The headers of every answer that the worker makes: what it sets is all that protects a page.

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

/** An HTML answer. */
export const html = (text, { status = 200, headers = {} } = {}) =>
  answer(text, "text/html; charset=utf-8", status, headers)

/** A JSON answer. */
export const json = (value, { status = 200, headers = {} } = {}) =>
  answer(JSON.stringify(value), "application/json", status, headers)

/** Any other answer. */
export function answer(body, type, status = 200, headers = {}) {
  const all = { ...HEADERS, ...headers }
  return new Response(body, { status, headers: type ? { ...all, "Content-Type": type } : all })
}

/** Go on to another page of this site, by GET. */
export const seeOther = path => answer(null, null, 303, { Location: path })
