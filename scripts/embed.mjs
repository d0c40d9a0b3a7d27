// Wasm files as scripts, for `zarr-wasm/inline`: `x.wasm` becomes `x_text.js`, which exports its bytes in base64, compressed
// before, because base64 is a third longer than what it stands for. js/embedded.ts reads it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'

/** Does it for all in the folder. */
export function embed(folder) {
  for (const name of readdirSync(folder).filter((name) => name.endsWith('.wasm'))) {
    const text = gzipSync(readFileSync(path.join(folder, name)), { level: 9 }).toString('base64')
    writeFileSync(path.join(folder, `${path.basename(name, '.wasm')}_text.js`), `export default "${text}"\n`)
  }
}
