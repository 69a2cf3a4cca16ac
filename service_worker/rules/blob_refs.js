// Finds references to blobs (photos and recordings, named by their SHA-256) in the data of an act.

const KINDS = ["blobs", "voice"]

/**
 * Return the hashes (64 hexadecimal digits each) that the data of an act about a `kind` of record
 * names.
 */
export function namedBy(declarations, kind, data) {
  const fields = declarations.records[kind]?.fields ?? []
  return fields.filter(field => KINDS.includes(field.kind)).flatMap(({ name }) => data[name] ?? [])
}
