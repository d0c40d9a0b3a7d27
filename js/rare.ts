// The codecs that few arrays use. They are in a wasm of their own, together with all others: it decodes the arrays that use
// one, and is loaded when the first of them is opened.
import { InlineDecoder } from './decoder.js'
import { ZarrError } from './errors.js'

/** The names that src/codec/rare.rs knows. */
export const RARE: ReadonlySet<string> = new Set([
  'reshape',
  'cast_value',
  'scale_offset',
  'numcodecs.delta',
  'numcodecs.fixedscaleoffset',
  'numcodecs.quantize',
  'numcodecs.astype',
  'bitround',
  'numcodecs.bitround',
  'numcodecs.categorize',
  'numcodecs.packbits',
  'vlen-array',
  'numcodecs.vlen-array',
  'packbits',
  'n5_default',
  'numcodecs.json2',
  'numcodecs.msgpack2',
  'numcodecs.pcodec',
  'zfp',
  'zarrs.zfp',
  'numcodecs.zfpy',
  'numcodecs.base64',
  'numcodecs.bz2',
  'numcodecs.jenkins_lookup3',
  'numcodecs.lzma',
  'conditional',
])

let compile: () => Promise<WebAssembly.Module> = () =>
  Promise.reject(new ZarrError('unsupported', 'the wasm of rare codecs is not provided: see provideWasm'))
let loading: Promise<InlineDecoder> | undefined

/** Set by every entry but slim. */
export function setRareModuleSource(source: () => Promise<WebAssembly.Module>): void {
  compile = source
}

/** The decoder that has all codecs. A failed attempt is not remembered. */
export function rareDecoder(): Promise<InlineDecoder> {
  loading ??= compile().then(
    (module) => new InlineDecoder(module),
    (error) => {
      loading = undefined
      throw error
    },
  )
  return loading
}
