// The books of the office's menu stay as somebody opened them: a cookie says to the next page which ones.

const YEAR = 31_536_000 // s

/** Keep which books are open whenever one is opened or closed. */
export function watchBooks() {
  document.addEventListener("click", event => {
    const books = event.target.closest(".books summary")?.closest(".books")
    if (books) setTimeout(keep, 0, books) // once it is open, or closed
  })
}

function keep(books) {
  const open = [...books.querySelectorAll("details[open]")].map(one => one.dataset.book)
  document.cookie = `floorwalk_books=${open.join(".")}; Path=/; Max-Age=${YEAR}; SameSite=Lax`
}
