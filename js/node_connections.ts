// Connections over HTTP/1.1 (RFC 9112), which are kept. A body of known length is received where it stays: Node's own client
// receives in memory of its own, its parser copies that, and its streams hand it on, which takes four times as long.
// Everything else that servers answer is left to that parser, which gets the bytes from here.
import { connect, isIP, type OnReadOpts, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectSecurely, type TLSSocket } from 'node:tls'
import { urlToHttpOptions } from 'node:url'
import { headOf, keptMs } from './http_head.js'
import { relayed } from './node_relay.js'
import type { Outgoing, Receiver } from './node_transport.js'

/** To one server: as many requests as the engine has at once by itself. Others wait. */
const MOST_CONNECTIONS = 256

/** A server that says nothing for so long says nothing any more. */
const SILENCE_MS = 300_000

/** So long before a server closes a connection nothing is sent over it any more. */
const EARLIER_MS = 1000

/** Where connections receive what has no place yet, one after the other: nothing stays there. */
const SHARED = Buffer.allocUnsafeSlow(128 << 10)

/** A request, and who gets its answer. */
interface Exchange {
  outgoing: Outgoing
  receiver: Receiver
  /** Called in place of an answer if the server speaks HTTP/2. */
  otherwise: () => void
}

/** By their origin, and the name that they are asked for. */
const servers = new Map<string, Server>()

/** Sends a request over a connection to its server. `otherwise` is called if that turns out to speak HTTP/2. */
export function sendByConnection(outgoing: Outgoing, receiver: Receiver, otherwise: () => void): void {
  const { url, headers } = outgoing
  const { host = url.host } = headers
  const key = `${url.origin} ${host}`
  if (!/^https?:$/.test(url.protocol)) {
    receiver.fail(new Error(`the protocol ${url.protocol} is not HTTP`))
    return
  }
  let server = servers.get(key)
  if (!server) {
    server = new Server(url, host, () => servers.delete(key))
    servers.set(key, server)
  }
  server.send({ outgoing, receiver, otherwise })
}

/** The connections to one server. */
class Server {
  readonly #url: URL
  /** The name that its certificate has. */
  readonly #name: string
  readonly #abandoned: () => void
  /** The one that was used last is the last one here, and the next to be used. */
  readonly #idle: Connection[] = []
  #count = 0
  readonly #waiting = new Set<Exchange>()
  #isDue = false
  /** Of TLS: what lets the next connection begin sooner. */
  #session: Buffer | undefined

  /** `abandoned` is called when it has no connection any more. */
  constructor(url: URL, host: string, abandoned: () => void) {
    this.#url = url
    this.#name = host.replace(/:\d*$/, '').replace(/^\[|\]$/g, '')
    this.#abandoned = abandoned
  }

  /** Requests that are taken back before the next tick are never sent. */
  send(exchange: Exchange): void {
    this.#waiting.add(exchange)
    exchange.receiver.started(() => this.#waiting.delete(exchange))
    if (this.#isDue) return
    this.#isDue = true
    process.nextTick(() => {
      this.#isDue = false
      this.#begin()
    })
  }

  /** The socket of a new connection, and the event that says that it can be used. */
  connect(onread: OnReadOpts): [Socket, connected: string] {
    const { protocol } = this.#url
    const { hostname, port } = urlToHttpOptions(this.#url)
    const host = hostname ?? ''
    const options = { host, noDelay: true, keepAlive: true, onread }
    if (protocol === 'http:') return [connect({ ...options, port: Number(port || 80) }), 'connect']
    const socket = connectSecurely({
      ...options,
      port: Number(port || 443),
      servername: isIP(this.#name) ? '' : this.#name,
      ALPNProtocols: ['h2', 'http/1.1'],
      session: this.#session,
    })
    socket.on('session', (session) => {
      this.#session = session
    })
    return [socket, 'secureConnect']
  }

  /** A connection has nothing to do. */
  rest(connection: Connection): void {
    this.#idle.push(connection)
    if (!this.#isDue) this.#begin()
  }

  /** A connection is closed. */
  forget(connection: Connection): void {
    const at = this.#idle.indexOf(connection)
    if (at >= 0) this.#idle.splice(at, 1)
    this.#count--
    if (!this.#isDue) this.#begin()
  }

  /** Sends what waits, as far as there are connections. */
  #begin(): void {
    for (const exchange of this.#waiting) {
      if (this.#idle.length === 0 && this.#count === MOST_CONNECTIONS) break
      this.#waiting.delete(exchange)
      try {
        const connection = this.#idle.pop() ?? this.#connection()
        connection.begin(exchange)
      } catch (thrown) {
        exchange.receiver.fail(thrown)
      }
    }
    if (this.#count === 0) this.#abandoned()
  }

  #connection(): Connection {
    const connection = new Connection(this)
    this.#count++
    return connection
  }
}

class Connection {
  readonly #server: Server
  readonly #socket: Socket
  #isConnected = false
  #exchange: Exchange | undefined
  /** Bytes of the body that are still to come; `undefined` before its head is here. */
  #left: number | undefined
  /** Where Node's client gets the answer from, if it is left to that. */
  #relay: Duplex | undefined
  /** Milliseconds for which it may be used after this answer. */
  #usableMs = 0

  constructor(server: Server) {
    this.#server = server
    const [socket, connected] = server.connect({
      buffer: () => this.#room() ?? SHARED,
      callback: (length, { buffer, byteOffset }) => {
        this.#received(Buffer.from(buffer, byteOffset, length))
        return true
      },
    })
    this.#socket = socket
    socket.once(connected, () => this.#connected((socket as TLSSocket).alpnProtocol === 'h2'))
    socket.on('timeout', () => socket.destroy(new Error(`no answer in ${SILENCE_MS / 1000} seconds`)))
    let reason: Error | undefined
    socket.on('error', (error) => {
      reason = error
    })
    socket.on('close', () => this.#closed(reason))
  }

  /** Sends a request, now or when it is connected. */
  begin(exchange: Exchange): void {
    this.#exchange = exchange
    this.#socket.setTimeout(SILENCE_MS)
    this.#socket.ref()
    exchange.receiver.started(() => {
      if (this.#exchange === exchange) this.#drop()
    })
    if (this.#isConnected) this.#send(exchange)
  }

  #connected(speaksHttp2: boolean): void {
    this.#isConnected = true
    const exchange = this.#exchange
    if (exchange && speaksHttp2) {
      this.#drop()
      exchange.otherwise()
    } else if (exchange) {
      this.#send(exchange)
    }
  }

  #send({ outgoing: { url, method, headers } }: Exchange): void {
    const fields = Object.entries({ host: url.host, ...headers, connection: 'keep-alive' })
    const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    this.#socket.write(`${method} ${url.pathname}${url.search} HTTP/1.1\r\n${lines}\r\n`, 'latin1')
  }

  /** Where the rest of the body belongs. */
  #room(): Uint8Array | undefined {
    return this.#left ? this.#exchange?.receiver.room() : undefined
  }

  #received(bytes: Buffer): void {
    const exchange = this.#exchange
    if (!exchange) {
      // Nobody asked for it.
      this.#socket.destroy()
    } else if (this.#relay) {
      this.#relay.push(Buffer.from(bytes))
    } else if (this.#left === undefined) {
      this.#begun(exchange, bytes)
    } else {
      if (bytes.buffer === SHARED.buffer) exchange.receiver.data(Buffer.from(bytes))
      else exchange.receiver.filled(bytes.length)
      this.#got(exchange, bytes.length)
    }
  }

  /** The answer begins. */
  #begun(exchange: Exchange, bytes: Buffer): void {
    const head = exchange.outgoing.method === 'HEAD' ? undefined : headOf(bytes)
    if (!head) {
      this.#leave(exchange, bytes)
      return
    }
    const { length, status, headers, bodyLength } = head
    const body = bytes.subarray(length, length + bodyLength)
    // What is behind the answer answers nothing.
    this.#usableMs = length + bodyLength < bytes.length ? 0 : keptMs(headers) - EARLIER_MS
    this.#left = bodyLength
    exchange.receiver.head(status, headers)
    if (body.length > 0) exchange.receiver.data(this.#room() ? body : Buffer.from(body))
    this.#got(exchange, body.length)
  }

  /** So many bytes of the body are with the receiver, unless it has given up. */
  #got(exchange: Exchange, length: number): void {
    if (this.#exchange !== exchange || this.#left === undefined) return
    this.#left -= length
    if (this.#left > 0) return
    this.#rest()
    exchange.receiver.end()
  }

  #leave(exchange: Exchange, bytes: Buffer): void {
    this.#relay = relayed(exchange.outgoing, exchange.receiver, ({ httpVersion, headers }) => {
      if (this.#exchange !== exchange) return
      this.#usableMs = httpVersion === '1.1' ? keptMs(headers) - EARLIER_MS : 0
      this.#rest()
    })
    // If Node's client gives up, so does the connection.
    this.#relay.on('close', () => {
      if (this.#exchange === exchange) this.#drop()
    })
    this.#relay.push(Buffer.from(bytes))
  }

  /** The answer is complete. */
  #rest(): void {
    this.#exchange = undefined
    this.#left = undefined
    this.#relay = undefined
    if (this.#usableMs <= 0) {
      this.#socket.destroy()
      return
    }
    this.#socket.setTimeout(Math.min(this.#usableMs, SILENCE_MS))
    this.#socket.unref()
    this.#server.rest(this)
  }

  /** Nobody waits for the answer any more. */
  #drop(): void {
    this.#exchange = undefined
    this.#relay?.destroy()
    this.#socket.destroy()
  }

  #closed(reason: Error | undefined): void {
    const exchange = this.#exchange
    this.#exchange = undefined
    this.#server.forget(this)
    if (!exchange) return
    if (!this.#relay)
      exchange.receiver.fail(reason ?? new Error('the connection was closed without an answer'))
    else if (reason) this.#relay.destroy(reason)
    else this.#relay.push(null)
  }
}
