// What every entry for Node has in common.
import { FetchTransport } from './fetch_transport.js'
import { NodeTransport } from './node_transport.js'
import { setTransport } from './open.js'

/** Called by each entry, because bundlers leave away files that only do something, and entries are all they are told of. */
export function useNode(): void {
  // Bun's `fetch` is what it does best.
  const isBun = 'bun' in process.versions
  setTransport((engine, url, options) =>
    isBun || options.fetch || options.credentials
      ? new FetchTransport(engine, url, options)
      : new NodeTransport(engine, url, options.headers),
  )
}
