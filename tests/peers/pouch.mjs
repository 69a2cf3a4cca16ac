// PouchDB 9, in memory, and a site as it reaches it.

import { createRequire } from "node:module"

const require = createRequire(new URL("../../service_worker/package.json", import.meta.url))
const load = name => {
  const module = require(name)
  return module.default ?? module
}

export const PouchDB = load("pouchdb-core")
  .plugin(load("pouchdb-adapter-http"))
  .plugin(load("pouchdb-adapter-memory"))
  .plugin(load("pouchdb-replication"))

// A site, asked by whoever has the cookie.
export const site = (url, cookie) =>
  new PouchDB(url, {
    fetch: (address, options) => {
      options.headers.set("Cookie", cookie)
      return PouchDB.fetch(address, options)
    },
  })

export const memory = name => new PouchDB(name, { adapter: "memory" })
