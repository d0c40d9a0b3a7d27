// The entry that has the wasm in itself, for single files and for set-ups that leave files behind.
import { useEmbedded } from './embedded.js'

useEmbedded()

export * from './index.js'
