// The books of the office's menu stay as somebody opened them: a cookie says to the next page which ones.

const YEAR = 31_536_000 // s

/** Keep which books are open whenever one is opened or closed. */
export function watchBooks() {
  document.addEventListener("click", event => {
    const book = event.target.closest(".books summary")?.parentElement
    if (book) keep(book)
  })
}

// A click is heard before the book that it is on opens or closes.
function keep(clicked) {
  const open = [...clicked.parentElement.querySelectorAll("details")]
    .filter(one => one.open !== (one === clicked))
    .map(one => one.dataset.book)
  document.cookie = `floorwalk_books=${open.join(".")}; Path=/; Max-Age=${YEAR}; SameSite=Lax`
}
