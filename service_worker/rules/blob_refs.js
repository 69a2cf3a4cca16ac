// Which pictures and recordings an act names.

const KINDS = ["blobs", "voice"]

/** Return the hashes that the data of an act about a kind of record names. */
export function namedBy(declarations, kind, data) {
  const fields = declarations.records[kind]?.fields ?? []
  return fields.filter(field => KINDS.includes(field.kind)).flatMap(({ name }) => data[name] ?? [])
}
