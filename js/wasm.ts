// Loads the wasm once, on first use. Where its bytes are is what the entries differ in.
import { chunkCache } from './chunk_cache.js'
import { InlineDecoder } from './decoder.js'
import { messageOf, ZarrError } from './errors.js'
import { crossing, settings } from './settings.js'
import {
  ArrayHandle,
  configure,
  fail,
  initSync,
  StoreHandle,
  setChunkCache,
  settle,
  stats,
} from './wasm/zarr_wasm.js'

/** What the library uses of the glue: the rest of it, which would load the wasm by itself, is left away. */
const engine = { ArrayHandle, configure, fail, StoreHandle, settle, stats }

export interface Library {
  engine: typeof engine
  decoder: InlineDecoder
}

let compile: () => Promise<WebAssembly.Module> = () =>
  Promise.reject(new ZarrError('invalid-argument', 'zarr-wasm/slim has no wasm: call provideWasm before'))
let loading: Promise<Library> | undefined
let loaded: Library | undefined

/** Set by every entry but slim. */
export function setModuleSource(source: () => Promise<WebAssembly.Module>): void {
  compile = source
}

/** The engine and its decoder. A failed attempt is not remembered: the next call tries again. */
export function library(): Promise<Library> {
  loading ??= start().catch((error) => {
    loading = undefined
    throw error
  })
  return loading
}

/** The library if it is loaded already. */
export const loadedLibrary = (): Library | undefined => loaded

async function start(): Promise<Library> {
  const module = await compile().catch((cause) => {
    throw cause instanceof ZarrError ? cause : unloadable(cause)
  })
  initSync({ module })
  loaded = { engine, decoder: new InlineDecoder(module) }
  configure(...crossing(settings))
  setChunkCache(chunkCache)
  return loaded
}

function unloadable(cause: unknown): ZarrError {
  const why = messageOf(cause)
  const policy = /unsafe-eval|CSP|Content Security/.test(why) ? POLICY : ''
  return new ZarrError('store', `the library's wasm did not load: ${why}${policy}`, {}, { cause })
}

const POLICY = "; a content security policy needs script-src 'wasm-unsafe-eval'"
