// The codecs of the library that few arrays use: their wasm is loaded when the first array that uses one is opened.
import { type CodecKind, registerCodec } from './codecs.js'

/** Answers the compiled wasm. */
export type ModuleSource = () => Promise<WebAssembly.Module>

/** The names that src/codec/rare.rs knows. */
const RARE: Record<string, CodecKind> = {
  'numcodecs.bz2': 'bytes-to-bytes',
  'numcodecs.lzma': 'bytes-to-bytes',
  'numcodecs.json2': 'array-to-bytes',
  'numcodecs.msgpack2': 'array-to-bytes',
  'numcodecs.pcodec': 'array-to-bytes',
  zfp: 'array-to-bytes',
  'zarrs.zfp': 'array-to-bytes',
  'numcodecs.zfpy': 'array-to-bytes',
}

/** Called by the entry of each platform, which says where the wasm is. */
export function registerRareCodecs(source: ModuleSource): void {
  for (const [name, kind] of Object.entries(RARE)) {
    registerCodec(name, async () => {
      const { rareDecoder } = await import('./rare_module.js')
      return { kind, decode: await rareDecoder(name, source) }
    })
  }
}
