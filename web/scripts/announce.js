// Announces sentences to screen readers through the page's ARIA live region.

/** Put the sentence into the page's live region; the same sentence is not repeated within a minute. */
export function announce(sentence) {
  const region = document.getElementById("announcer")
  if (!region || !sentence || recent.has(sentence)) return
  recent.add(sentence)
  setTimeout(() => recent.delete(sentence), 60_000)
  region.textContent = sentence
}

const recent = new Set()
