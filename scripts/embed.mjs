// Files as scripts that export their content as text, for `zarr-wasm/inline`: beside `x.wasm` comes `x_text.js`.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'

/**
 * All wasm in the folder, in base64, compressed before, because base64 is a third longer than what it stands for:
 * js/embedded.ts reads it.
 */
export function embedWasm(folder) {
  for (const name of readdirSync(folder).filter((name) => name.endsWith('.wasm'))) {
    const file = path.join(folder, name)
    write(folder, path.basename(name, '.wasm'), gzipSync(readFileSync(file), { level: 9 }).toString('base64'))
  }
}

/** A script, without the name of its map. */
export function embedScript(file, folder) {
  const source = readFileSync(file, 'utf8').replace(/^\/\/# sourceMappingURL=.*\n/m, '')
  write(folder, path.basename(file, '.js'), source)
}

function write(folder, name, text) {
  writeFileSync(path.join(folder, `${name}_text.js`), `export default ${JSON.stringify(text)}\n`)
}
