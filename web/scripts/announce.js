// Says a sentence to those who listen instead of look, once.

/** Put the sentence into the page's live region; the same sentence is not repeated within a minute. */
export function announce(sentence) {
  const region = document.getElementById("announcer")
  if (!region || !sentence || said.has(sentence)) return
  said.add(sentence)
  setTimeout(() => said.delete(sentence), 60_000)
  region.textContent = sentence
}

const said = new Set()
