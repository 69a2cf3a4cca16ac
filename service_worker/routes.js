// The routing table of the floor app: method, path and the screen, a function of `ask`, that answers. A
// feature's paths begin with its word; `:name` is a path parameter.

import { alarms } from "./screens/alarms.js"
import { keepBlob, showBlob } from "./screens/blobs.js"
import { keepDraft } from "./screens/drafts.js"
import { answer, seeOther } from "./base/responses.js"
import * as arrival from "./features/arrival.js"
import * as complaint from "./features/complaint.js"
import * as complaintAbout from "./features/complaint_about.js"
import * as doctor from "./features/doctor.js"
import * as find from "./features/find.js"
import * as more from "./features/more.js"
import * as notice from "./features/notice.js"
import * as register from "./features/register.js"
import * as round from "./features/round.js"
import * as roundAsk from "./features/round_ask.js"
import * as sync from "./features/sync.js"
import * as todo from "./features/todo.js"
import * as waiting from "./features/waiting.js"
import { declaredKinds } from "./models/reference.js"
import { rescueFile } from "./models/rescue_file.js"
import { truthPart, undo } from "./screens/screens.js"
import * as store from "./store/store.js"

// "/floor/:path" is a kind's own word, and nothing else.
const PATHS = `(?<path>${declaredKinds()
  .map(([, { path }]) => path)
  .join("|")})`

const ROUTES = [
  ["GET", "/floor", () => seeOther("/floor/lobby")],
  ["GET", "/floor/", () => seeOther("/floor/lobby")],

  ["GET", "/floor/lobby", arrival.list],
  ["GET", "/floor/lobby/part", arrival.part],
  ["GET", "/floor/lobby/greet", arrival.greet],
  ["POST", "/floor/lobby/greet", arrival.greeted],
  ["POST", "/floor/lobby/noticed", arrival.noticed],
  ["GET", "/floor/lobby/register", arrival.register],
  ["POST", "/floor/lobby/register", arrival.registered],
  ["GET", "/floor/lobby/:id", arrival.show],
  ["GET", "/floor/lobby/:id/file", arrival.file],
  ["POST", "/floor/lobby/:id/file", arrival.filed],
  ["POST", "/floor/lobby/:id/stage", arrival.stage],
  ["POST", "/floor/lobby/:id/reveal", arrival.reveal],
  ["GET", "/floor/lobby/:id/introduce", arrival.introduce],
  ["POST", "/floor/lobby/:id/introduce", arrival.introduced],
  ["GET", "/floor/lobby/:id/send_off", arrival.sendOff],
  ["POST", "/floor/lobby/:id/send_off", arrival.sentOff],

  ["GET", "/floor/waiting", waiting.list],
  ["POST", "/floor/waiting", waiting.start],
  ["GET", "/floor/waiting/part", waiting.part],
  ["GET", "/floor/waiting/new", waiting.create],
  ["GET", "/floor/waiting/:id", waiting.show],
  ["POST", "/floor/waiting/:id/water_given", waiting.waterGiven],
  ["POST", "/floor/waiting/:id/doctor_asked", waiting.doctorAsked],
  ["POST", "/floor/waiting/:id/assistant_told", waiting.assistantTold],
  ["POST", "/floor/waiting/:id/explained", waiting.explained],
  ["POST", "/floor/waiting/:id/doctor_changed", waiting.doctorChanged],
  ["POST", "/floor/waiting/:id/ended", waiting.ended],

  ["GET", "/floor/complaints", complaint.list],
  ["GET", "/floor/complaint/new", complaint.create],
  ["POST", "/floor/complaint", complaint.taken],
  ["POST", "/floor/complaint/said", complaint.readbackPart],
  ["GET", "/floor/complaint/:id", complaint.show],
  ["GET", "/floor/complaint/:id/receipt", complaint.receipt],
  ["GET", "/floor/complaint/:id/respond", complaint.respond],
  ["POST", "/floor/complaint/:id/responded", complaint.responded],
  ["GET", "/floor/complaint/:id/escalate", complaint.escalate],
  ["POST", "/floor/complaint/:id/escalated", complaint.escalated],
  ["GET", "/floor/complaint/:id/about", complaintAbout.about],
  ["POST", "/floor/complaint/:id/named", complaintAbout.named],
  ["GET", "/floor/complaint/:id/edit", complaint.edit],
  ["POST", "/floor/complaint/:id/edited", complaint.edited],
  ["POST", "/floor/complaint/:id/revealed", complaint.revealed],

  ["GET", "/floor/todo", todo.show],
  ["GET", "/floor/todo/part", todo.part],
  ["POST", "/floor/todo/done", todo.done],
  ["POST", "/floor/todo/seen", todo.seen],

  ["GET", "/floor/notices", notice.list],
  ["POST", "/floor/notices/seen", notice.allSeen],
  ["POST", "/floor/notice/:id/seen", notice.seen],

  ["GET", "/floor/search", find.show],
  ["GET", "/floor/search/part", find.part],

  ["GET", "/floor/doctors", doctor.list],
  ["GET", "/floor/doctor/:id", doctor.show],

  ["GET", "/floor/round", round.list],
  ["GET", "/floor/round/:id", round.show],
  ["GET", "/floor/round/:id/part", round.part],
  ["GET", "/floor/round/:id/finished", round.finish],
  ["POST", "/floor/round/:id/finished", round.finished],
  ["GET", "/floor/round/:id/bed/:bed", round.bed],
  ["GET", "/floor/round/:id/bed/:bed/ask", roundAsk.question],
  ["POST", "/floor/round/:id/bed/:bed/ask", roundAsk.answered],
  ["POST", "/floor/round/:id/bed/:bed/told", round.told],
  ["POST", "/floor/round/:id/bed/:bed/:word", round.said],

  ["GET", "/floor/more", more.show],
  ["POST", "/floor/more", more.choose],
  ["GET", "/floor/sync", sync.show],
  ["POST", "/floor/sync/now", sync.now],
  ["POST", "/floor/sync/seen", sync.seen],
  ["GET", "/floor/sync/:key", sync.both],
  ["GET", "/floor/sign-out", more.leaving],
  ["POST", "/floor/sign-out", more.leave],

  // What every screen needs
  ["GET", "/floor/parts/truth", truthPart],
  ["POST", "/floor/undo", undo],
  ["POST", "/floor/alarms", alarms],
  ["GET", "/floor/search/warm", warm],
  ["POST", "/floor/drafts/:key", keepDraft],
  ["POST", "/floor/blobs", keepBlob],
  ["GET", "/floor/blobs/:hash", showBlob],
  ["GET", "/floor/rescue.json", rescueFile],

  // Every kind that is declared and has no screens of its own
  ["GET", "/floor/:path", register.list],
  ["GET", "/floor/:path/part", register.part],
  ["GET", "/floor/:path/new", register.create],
  ["POST", "/floor/:path/new", register.made],
  ["GET", "/floor/:path/:id", register.show],
  ["GET", "/floor/:path/:id/:word", register.asked],
  ["POST", "/floor/:path/:id/:word", register.done],
  ["POST", "/floor/:path/:id/:word/said", register.said],
].map(([method, path, screen]) => ({ method, pattern: patternOf(path), screen }))

// Reads the search segments into memory when the box gets the focus: the first search would wait 40 ms.
async function warm() {
  await store.segments([0, 1])
  return answer(null, null, 204)
}

/** Return {screen, params: {name: text}} for a method and a path, or null; HEAD is a GET. */
export function match(method, path) {
  const wanted = method === "HEAD" ? "GET" : method
  for (const route of ROUTES) {
    const hit = route.method === wanted && route.pattern.exec(path)
    if (hit) return { screen: route.screen, params: decoded(hit.groups) }
  }
  return null
}

/** Return the methods that a path knows, as its Allow header says: "" for a path that is not there. */
export function methodsOf(path) {
  const methods = ROUTES.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method)
  return [...new Set(methods)].map(method => (method === "GET" ? "GET, HEAD" : method)).join(", ")
}

function patternOf(path) {
  const pieces = path.replace(/[.]/g, "\\.").replace("/:path", `/${PATHS}`)
  return new RegExp(`^${pieces.replace(/:(\w+)/g, "(?<$1>[^/]+)")}$`)
}

function decoded(groups = {}) {
  const params = {}
  for (const [name, text] of Object.entries(groups)) {
    try {
      params[name] = decodeURIComponent(text)
    } catch {
      params[name] = text
    }
  }
  return params
}
