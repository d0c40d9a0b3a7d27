// What every entry for Node has in common.
import { Agent } from 'undici'
import { FetchTransport } from './fetch_transport.js'
import { NodeTransport } from './node_transport.js'
import { setTransport } from './open.js'

/** Called by each entry, because bundlers leave away files that only do something, and entries are all they are told of. */
export function useNode(): void {
  // Bun has a package of that name in itself, which cannot do this: there requests go by its `fetch`.
  const hasUndici = typeof Agent.prototype.dispatch === 'function'
  setTransport((engine, url, options) =>
    !hasUndici || options.fetch || options.credentials
      ? new FetchTransport(engine, url, options)
      : new NodeTransport(engine, url, options.headers),
  )
}
