// An act is an immutable event about one record: this module makes acts and their ids (ULIDs, which
// sort by time), and knows the fields of the envelope. Twin of sync/act.py. Cases: tests/vectors/act.json.

import { sha256 } from "./sha256.js"

export const VERSION = 1
export const ACT_ID = /^act:[0-7][0-9A-HJKMNP-TV-Z]{25}$/
export const RECORD_ID = /^[a-z_]+:[A-Za-z0-9_.-]{1,80}$/
export const ENVELOPE = [
  ...["_id", "act", "record", "at", "by", "device", "site", "v", "seen", "over", "data"],
  "text",
]
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// Returns 26 letters that sort by `at` (ms); `randomBits` is a BigInt of which 80 bits are used.
export function ulid(at, randomBits) {
  let number = (BigInt(at) << 80n) | (randomBits & ((1n << 80n) - 1n))
  let letters = ""
  for (let n = 0; n < 26; n++) {
    letters = ALPHABET[Number(number & 31n)] + letters
    number >>= 5n
  }
  return letters
}

// Returns the moment (ms) encoded in a ULID, whether or not its `type:` prefix is still there.
export function ulidTime(identifier) {
  let number = 0
  for (const letter of identifier.split(":").at(-1).slice(0, 10)) {
    number = number * 32 + ALPHABET.indexOf(letter)
  }
  return number
}

// Returns a new id of an act or a record: newId("act", now).
export function newId(type, at) {
  return `${type}:${ulid(at, randomBits())}`
}

// Returns the id of the record that a key names, whoever makes it and where: it is no secret. `values` are
// those of the key's fields in their order, texts and whole numbers.
export function keyId(kind, values) {
  let number = 0n
  for (const byte of sha256([kind, ...values].join("\x1f")).slice(0, 15)) {
    number = (number << 8n) | BigInt(byte)
  }
  let letters = ""
  for (let shift = 115n; shift >= 0n; shift -= 5n) letters += ALPHABET[(number >> shift) & 31n]
  return `${kind}:${letters}`
}

// Returns a whole act. `after` is the moment (ms) of the last act that its author has seen of the
// record: a reply sorts after what it replies to even if this tablet's clock is behind the other's.
// `over` has the answers that the author saw and replaces (guards.js).
export function makeAct(name, record, data, options) {
  const { by, device, site, seen = null, over = null, text = null } = options
  const { after = null, identifier = null } = options
  const at = after === null ? options.at : Math.max(options.at, after + 1)
  const _id = identifier ?? newId("act", at)
  const act = { _id, act: name, record, at, by, device, site, v: VERSION, seen, data }
  if (over !== null) act.over = over
  if (text !== null) act.text = text
  return act
}

function randomBits() {
  const bytes = crypto.getRandomValues(new Uint8Array(10))
  return bytes.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n)
}
