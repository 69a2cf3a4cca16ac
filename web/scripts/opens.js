// What opens under its name, <details class="opens">: one at a time, and a click elsewhere or Escape closes it.

/** Close what is open when somebody turns to something else. */
export function watchOpens() {
  document.addEventListener("click", event => closeAllBut(event.target.closest("details.opens")))
  document.addEventListener("keydown", event => {
    if (event.key !== "Escape") return
    const open = document.querySelector("details.opens[open]")
    open?.querySelector("summary").focus()
    closeAllBut(null)
  })
}

function closeAllBut(kept) {
  for (const one of document.querySelectorAll("details.opens[open]")) {
    if (one !== kept) one.open = false
  }
}
