// Placeholder of ward rounds: the tab exists, the feature does not yet.

import { page } from "../screens/screens.js"

/** GET /floor/round */
export async function show(ask) {
  return page(ask, "features/round/show.html", {}, { tab: "round" })
}
