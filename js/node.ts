// The entry for Node.
import { readFile } from 'node:fs/promises'
import { setRareModuleSource } from './rare.js'
import { setModuleSource } from './wasm.js'

const compiled = async (file: URL) => WebAssembly.compile(new Uint8Array(await readFile(file)))

setModuleSource(() => compiled(new URL('./wasm/zarr_wasm_bg.wasm', import.meta.url)))
setRareModuleSource(() => compiled(new URL('./wasm/zarr_wasm_rare.wasm', import.meta.url)))

export * from './index.js'
