// Readers in Node: a process for every run.
import { runInNode } from './processes.mjs'

const ADAPTERS = { 'zarr-wasm': 'zarr_wasm', zarrita: 'zarrita', fetching: 'fetching' }

export const host = {
  title: 'Reading over HTTP, in Node',
  readers: Object.keys(ADAPTERS),
  columns: {
    'second read, ms': ({ second }) => second,
    'event loop blocked, ms': ({ blocked }) => blocked,
    'peak memory, MiB': ({ peakBytes }) => peakBytes / 2 ** 20,
    requests: ({ requests }) => requests / 2,
  },
  open: async () => ({
    run: (reader, url, selection) => runInNode(ADAPTERS[reader], url, selection),
    close: async () => {},
  }),
}
