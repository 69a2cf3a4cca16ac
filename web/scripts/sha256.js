// Content addressing: a blob's name is the hash of its bytes.

/** Return the SHA-256 of a blob as 64 hexadecimal digits. */
export async function sha256(blob) {
  const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer())
  return Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, "0")).join("")
}
