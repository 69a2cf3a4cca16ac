// Ward rounds: their tab is there, they are not yet.

import { page } from "../screens/screens.js"

/** GET /floor/round */
export async function show(ask) {
  return page(ask, "features/round/show.html", {}, { tab: "round" })
}
