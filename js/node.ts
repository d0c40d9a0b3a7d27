// The entry for Node.
import { readFile } from 'node:fs/promises'
import { setModuleSource } from './wasm.js'

setModuleSource(async () => {
  const bytes = await readFile(new URL('./wasm/zarr_wasm_bg.wasm', import.meta.url))
  return WebAssembly.compile(new Uint8Array(bytes))
})

export * from './index.js'
