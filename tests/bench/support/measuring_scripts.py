"""JavaScript that the benchmarks run in the browser, to measure latencies where they occur."""

from __future__ import annotations

COUNT = """() => new Promise(resolve => {
  const opening = indexedDB.open("floorwalk")
  opening.onsuccess = () => {
    const asking = opening.result.transaction("view").objectStore("view").count()
    asking.onsuccess = () => { opening.result.close(); resolve(asking.result) }
  }
})"""

# Everybody who waits goes in, and as many others sit down.
SIT_DOWN = """async many => {
  const post = (path, form) => fetch(path, { method: "POST", body: new URLSearchParams(form) })
  for (const form of document.querySelectorAll("#waits form.tap[action$='/ended']")) {
    await post(form.action, { outcome: "seen" })
  }
  const cards = new Set([...document.querySelectorAll("#waits form.tap")].map(form =>
    form.getAttribute("action").replace(/[^/]+$/, "ended")))
  for (const path of cards) await post(path, { outcome: "seen" })
  for (let n = 0; n < many; n++) {
    await post("/floor/waiting", { name: "王" + n, place: "place:room-3" })
  }
}"""

# One tap on a form of a card: until its class changes on screen, and until the new card is painted.
TAP_ONCE = """() => new Promise((resolve, reject) => {
  const buttons = [...document.querySelectorAll("#waits form.tap[action$='/water_given'] button")]
  const button = buttons[buttons.length >> 1]
  if (!button) return reject(new Error("nothing to tap"))
  const painted = done => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = done
    port2.postMessage(0)
  })
  const began = performance.now()
  let reaction = null
  const react = new MutationObserver(() => {
    react.disconnect()
    painted(() => { reaction ??= performance.now() - began })
  })
  react.observe(document.body, { subtree: true, attributeFilter: ["class", "aria-busy"] })
  const change = new MutationObserver(() => {
    change.disconnect()
    const changed = performance.now() - began
    painted(() => {
      const all = performance.now() - began
      resolve({ changed, painted: all, reaction: Math.min(reaction ?? all, all) })
    })
  })
  change.observe(document.getElementById("main"), { subtree: true, childList: true })
  button.click()
})"""

PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
PAINTED_AT = f"(at => at && performance.timeOrigin + at)({PAINTED})"

IN_WORKER = """async () => {
  const store = self.benchStore
  await store.ready()
  const times = async (n, work) => {
    const all = []
    for (let k = 0; k < n; k++) {
      const began = performance.now()
      await work(k)
      all.push(performance.now() - began)
    }
    return all
  }
  const family = "王李张刘陈杨赵黄周吴"
  const list = await times(100, () => store.list("arrival.visits", { limit: 25 }))
  const [cold] = await times(1, () => store.search("王 骨", { types: ["arrival"] }))
  const search = await times(100, k => store.search(family[k % 10] + " 1" + (k % 9)))
  const { records } = await store.list("waiting.waiting", { limit: 25 })
  const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
  const keep = await times(60, k => store.keep([{
    _id: "act:01K9ZZZZZZBENCH00000000" + letters[k % 32] + letters[(k >> 5) % 32] + "0",
    act: "waiting.doctor_asked", record: records[k % records.length]._id, at: 1795568400000 + k,
    by: "person:lin", device: "device:bench", site: "demo", v: 1, seen: null,
    data: { doctor_says: "还要 " + k + " 分钟" },
  }], { keptAt: k }))
  return { list, search, cold, keep }
}"""

OWN_SYNC = """async () => {
  const registration = await navigator.serviceWorker.register("/worker.js", { scope: "/" })
  const worker = registration.installing ?? registration.active
  while (worker.state !== "activated") await new Promise(resolve => setTimeout(resolve, 5))
  const tell = message => new Promise(resolve => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = event => resolve(event.data)
    worker.postMessage(message, [port2])
  })
  let first = 0
  new BroadcastChannel("floorwalk").onmessage = ({ data }) => {
    if (data.type === "progress" && data.usable) first ||= performance.now() - began
  }
  const began = performance.now()
  let went = await tell({ type: "begin", site: "demo" })
  while (went.more) went = await tell({ type: "sync", force: true })
  if (went.state !== "ok") throw new Error(JSON.stringify(went))
  return { first, whole: performance.now() - began }
}"""

POUCH = """
import PouchDB from "pouchdb-core"
import http from "pouchdb-adapter-http"
import idb from "pouchdb-adapter-idb"
import replication from "pouchdb-replication"
self.Pouch = PouchDB.plugin(http).plugin(idb).plugin(replication)
"""

POUCH_SYNC = """async batch => {
  const local = new Pouch("bench", { adapter: "idb" })
  const remote = new Pouch(location.origin + "/sync/demo", { skip_setup: true })
  const began = performance.now()
  const went = await Pouch.replicate(remote, local, { batch_size: batch })
  if (!went.ok) throw new Error(JSON.stringify(went))
  return performance.now() - began
}"""
