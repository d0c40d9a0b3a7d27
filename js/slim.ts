/**
 * The library without wasm, and without the name of any file: the application passes it. It has all of `zarr-wasm`, too.
 *
 * @module zarr-wasm/slim
 */
export * from './index.js'
export type { WasmSource } from './module_source.js'
export { type ProvidedWasm, provideWasm, type WasmProvider } from './provided.js'
