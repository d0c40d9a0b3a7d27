// CommonJS, where the runtime lets it require modules.
import library = require('zarr-wasm')

export const stats: library.Stats = library.stats()
