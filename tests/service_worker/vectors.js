// Runs the cases of tests/vectors through the tablet's twins; see generate.py for their shorthand.
// Works in a page, in a worker and in Node: it is given the modules and the texts.

export const MODULES = [
  "selector",
  "text_folding",
  "search_words",
  "act",
  "check_act",
  "maps",
  "guards",
  "copies",
  "fold",
  "ladder",
  "worktime",
  "display_format",
]

// `modules` is {name: module}, `texts` {name: text of its file, and "declared"}.
// Returns {ran, failed: [sentence…]}; stops after `most` failures. One module may be asked `first`.
export async function run(modules, texts, { most = 20, first = MODULES[0] } = {}) {
  const shared = deepFrozen(JSON.parse(texts.declared))
  const failed = []
  let ran = 0
  for (const name of new Set([first, ...MODULES])) {
    for (const one of read(texts[name])) {
      ran += 1
      const said = await answer(modules[name], one, shared)
      const wanted = one.fails ? "it fails" : JSON.stringify(one.gives)
      if (said !== wanted) failed.push(`${name}: ${one.name}: ${said} instead of ${wanted}`)
      if (failed.length >= most) return { ran, failed }
    }
  }
  return { ran, failed }
}

function read(text) {
  return JSON.parse(text.replace(/"@(\d+)"/g, (_, digits) => `"act:${digits.padStart(26, "0")}"`))
}

async function answer(module, { call, with: given }, shared) {
  const args = deepFrozen(given.map(argument => filled(argument, shared)))
  const name = call.replace(/_(\w)/g, (_, letter) => letter.toUpperCase())
  try {
    const call = ADAPTED[name] ?? ((module, ...args) => module[name](...args))
    return JSON.stringify(await call(module, ...args))
  } catch (error) {
    return error instanceof RangeError || error instanceof TypeError ? "it fails" : String(error)
  }
}

const withReadings =
  call =>
  (module, table, ...given) =>
    module[call](module.readingsIn(table), ...given)

// What a case cannot write as the function takes it.
const ADAPTED = {
  pinyinKeys: withReadings("pinyinKeys"),
  sortingKey: withReadings("sortingKey"),
  searchWords: withReadings("searchWords"),
  marked: withReadings("marked"),
  ulid: (module, at, bits) => module.ulid(at, BigInt(bits)),
  answered: (module, record, path, value, act, { undo }) =>
    module.answered(record, path, value, act, undo),
  make: (module, name, record, data, options) => module.makeAct(name, record, data, options),
  fold: (module, declarations, acts) => folded(module, declarations, acts.map(whole)),
  order: (module, declarations, act) => module.order(declarations, whole(act)),
  before: (module, declarations, one, other) => {
    return module.before(declarations, whole(one), whole(other))
  },
}

// One by one comes to the same as all at once, and no step changes the record before it.
function folded(module, declarations, acts) {
  const inOrder = module.inOrder(declarations, acts)
  const step = (record, act) => deepFrozen(module.apply(declarations, record, act))
  const record = inOrder.reduce(step, null)
  const atOnce = module.fold(declarations, acts)
  if (JSON.stringify(record) !== JSON.stringify(atOnce)) throw new Error("apply is not fold")
  return atOnce
}

function whole([_id, act, at, by, seen, data, over = null, added = {}]) {
  const record = act.split(".")[0] + ":A"
  const made = { _id, act, record, at, by, device: "device:1", site: "demo", v: 1, seen, data }
  return deepFrozen({ ...(over === null ? made : { ...made, over }), ...added })
}

function filled(value, shared) {
  if (typeof value === "string" && value.startsWith("$")) return shared[value.slice(1)]
  if (Array.isArray(value)) return value.map(item => filled(item, shared))
  if (value === null || typeof value !== "object") return value
  const { $text: text, $list: list } = value
  if (text) return text[0].repeat(text[1])
  if (list) return Array(list[1]).fill(filled(list[0], shared))
  const entries = Object.entries(value).map(([name, item]) => [name, filled(item, shared)])
  return Object.fromEntries(entries)
}

// A twin that changes what it was given fails.
function deepFrozen(value) {
  if (value !== null && typeof value === "object" && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(deepFrozen)
  }
  return value
}
