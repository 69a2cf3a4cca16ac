// Packs every text of the build with brotli, as hard as that goes: <packed folder>/<SHA-256 of the file>.br. Named by
// what is inside, a packed file can be nobody else's; those of earlier builds are deleted.
// Usage: node pack.mjs <folder of files> <packed folder>

import { createHash } from "node:crypto"
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import { promisify } from "node:util"
import { brotliCompress, constants } from "node:zlib"

const [files, packed] = process.argv.slice(2)
const TEXTS = /\.(js|css|svg|json|webmanifest)$/
const pack = promisify(brotliCompress)

async function packOne(name) {
  const body = await readFile(path.join(files, name))
  const target = `${createHash("sha256").update(body).digest("hex")}.br`
  if (!there.has(target)) {
    const params = {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
    }
    await writeFile(path.join(packed, target), await pack(body, { params }))
  }
  return target
}

await mkdir(packed, { recursive: true })
const there = new Set(await readdir(packed))
const names = (await readdir(files)).filter(name => TEXTS.test(name) && name !== "manifest.json")
const kept = new Set(await Promise.all(names.map(packOne)))
for (const name of there) if (!kept.has(name)) await rm(path.join(packed, name))
