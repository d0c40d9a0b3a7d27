// Requests in Node by undici: over HTTP/2, and through proxies. It is loaded when one of these is met: its parser of HTTP/1.1
// is wasm, which costs more to compile than a whole read by Node's own.
import { Agent, Client, type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici'
import type { Outgoing, Receiver } from './node_transport.js'

/** As many requests as the engine has at once may need a connection each, where the server speaks HTTP/1.1. */
const CONNECTIONS = 256

/** Requests at once over one connection of HTTP/2: what servers usually allow. */
const STREAMS = 100

/** For all stores, so that they share connections; made when it is first needed. */
let shared: Dispatcher | undefined

export function sendByUndici({ url, method, headers }: Outgoing, receiver: Receiver, proxied: boolean): void {
  const options = { connections: CONNECTIONS, allowH2: true }
  // Proxies forward what is not encrypted, and many let nobody through otherwise.
  shared ??= proxied
    ? new EnvHttpProxyAgent({ ...options, proxyTunnel: false })
    : new Agent({ ...options, factory: (origin) => new Pool(origin, { ...options, factory: connection }) })
  shared.dispatch(
    { origin: url.origin, path: url.pathname + url.search, method, headers },
    {
      onRequestStart: (controller) => receiver.started((reason) => controller.abort(reason)),
      onResponseStart: (_, status, headers) => receiver.head(status, headers),
      onResponseData: (_, chunk) => receiver.data(chunk),
      onResponseEnd: () => receiver.end(),
      onResponseError: (_, error) => receiver.fail(error),
    },
  )
}

/** One connection; undici itself would send one request at a time, also over HTTP/2. */
function connection(origin: URL, options: object): Dispatcher {
  const { connect, ...others } = options as Client.Options
  if (typeof connect !== 'function') return new Client(origin, others)
  const client: Client = new Client(origin, {
    ...others,
    connect: (target, done) =>
      connect(target, (...connected) => {
        const [, socket] = connected
        if (socket && 'alpnProtocol' in socket && socket.alpnProtocol === 'h2') client.pipelining = STREAMS
        done(...connected)
      }),
  })
  return client
}
