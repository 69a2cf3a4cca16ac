// Parts of a form that are drawn anew while somebody fills it in: [data-redraw] with a trigger "fw:redraw".
// What was chosen or signed while a drawing was on its way is not in it, and would be lost with the
// swap; such a drawing is thrown away and another one is asked for.

export function watchRedraws() {
  const asked = new WeakMap() // element → what its form said when the drawing was asked for
  document.addEventListener("htmx:before:request", ({ target }) => {
    if (target.matches?.("[data-redraw]")) asked.set(target, said(target))
  })
  document.addEventListener("htmx:before:swap", event => {
    const { target } = event
    if (!target.matches?.("[data-redraw]") || asked.get(target) === said(target)) return
    event.preventDefault()
    target.dispatchEvent(new CustomEvent("fw:redraw"))
  })
}

function said(element) {
  return JSON.stringify([...new FormData(element.closest("form"))])
}
