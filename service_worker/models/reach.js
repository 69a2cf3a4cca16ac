// Which places and units are a person's own: those they look after or belong to, and all inside these.
// The server asks the same of an act that makes a record at a place (server/acts/access.py), so the tablet
// asks it first.

const DEEPEST = 8 // places are data: one that lies inside itself must not hang the worker

/** Whether a place or unit, by its id, is one of a person's or inside one. */
export function isWithin(world, person, id) {
  const own = new Set((person?.places ?? []).map(withKind).concat(person?.units ?? []))
  let at = id
  for (let depth = 0; at && depth < DEEPEST; depth += 1) {
    if (own.has(at)) return true
    at = world.reference(at)?.inside
  }
  return false
}

/** Return the id of a place, also of one that was written without its kind. */
export const withKind = id => (id.startsWith("place:") ? id : `place:${id}`)
