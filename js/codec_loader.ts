// Where the engine asks for codecs that it does not have.
import { KINDS, type Loaded, loadingError, loadRegistered } from './codecs.js'
import type { Checked } from './decoder_instance.js'
import { RARE, rareDecoder } from './rare.js'

/** Says that the codec is a rare one: then the decoder that has these decodes the array. */
const RARE_CODEC: Loaded = [KINDS.length, 0]

/** Names of numcodecs, which are the ids of Zarr v2, begin so in Zarr v3. */
const NUMCODECS = 'numcodecs.'

/** `CodecLoader` of src/wasm/js_codecs.rs. */
export const codecLoader = {
  async load(name: string): Promise<Loaded | undefined> {
    const loading = loadRegistered(name)
    if (loading) return loading
    if (!RARE.has(name)) return loadRegistered(withoutPrefix(name))
    await rareDecoder().catch((thrown) => {
      throw loadingError(thrown)
    })
    return RARE_CODEC
  },

  async check(spec: Uint8Array): Promise<Checked> {
    return (await rareDecoder()).check(spec)
  },
}

const withoutPrefix = (name: string) => (name.startsWith(NUMCODECS) ? name.slice(NUMCODECS.length) : name)
