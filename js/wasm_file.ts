// What importing a wasm file of the package answers is up to the bundler: declarations for `zarr-wasm/zarr_wasm.wasm`.
import type { WasmSource } from './module_source.js'

declare const source: WasmSource
export default source
