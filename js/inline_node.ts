// `zarr-wasm/inline` in Node.
import { useEmbedded } from './embedded_wasm.js'
import { useNode } from './node_platform.js'

useEmbedded()
useNode()

export * from './index.js'
