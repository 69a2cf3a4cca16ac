// What a signature is: strokes in a box, bound to the text that was read; and why there may be none.

import { _ } from "../base/words.js"

/** The sentence that says why a signature does not stand any more. */
export const VOIDED = _(
  "The words changed after they were signed. Read them back and have them signed again.",
)

/** The sentence for a form that lacks both, the signature and the reason. */
export const UNSIGNED = _("Please have it signed, or say why there is no signature.")

const WHY_NOT = [
  _("The hand or the eyes do not allow it"),
  _("Cannot write"),
  _("Would rather not sign"),
]

/** Return the reasons for which nobody signed, as chips: [{value, label, chosen}]; `more` are others. */
export function reasonsUnsigned(ask, chosen, more = []) {
  return [...WHY_NOT, ...more]
    .map(sentence => ask.say(sentence))
    .map(words => ({ value: words, label: words, chosen: words === chosen }))
}

/**
 * Return strokes as an act keeps them, [[x, y, x, y, …], …], from the page's JSON text [[[x, y], …],
 * …].
 */
export function flatStrokes(text) {
  try {
    const strokes = JSON.parse(text || "[]")
    return Array.isArray(strokes) ? strokes.map(stroke => stroke.flat()) : []
  } catch {
    return []
  }
}

/** Return flat strokes as the data of an SVG path, in the coordinates of the box they were written in. */
export function strokesPath(strokes) {
  return strokes
    .map(points => {
      const pairs = []
      for (let n = 0; n + 1 < points.length; n += 2) pairs.push(`${points[n]} ${points[n + 1]}`)
      return `M${pairs[0]}L${(pairs.length > 1 ? pairs.slice(1) : pairs).join(" ")}`
    })
    .join("")
}
