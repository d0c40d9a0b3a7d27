// The entry that has no wasm and names no file: the application passes it.
export * from './index.js'
export type { WasmSource } from './module_source.js'
export { type ProvidedWasm, provideWasm, type WasmProvider } from './provided.js'
