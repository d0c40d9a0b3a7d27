// `zarr-wasm/inline` in Node.
import { useEmbedded } from './embedded.js'
import { useNode } from './node_platform.js'

useEmbedded()
useNode()

export * from './index.js'
