// `zarr-wasm/slim` in Node.
import { useNode } from './node_platform.js'

useNode()

export * from './slim.js'
