// Connections over HTTP/1.1 (RFC 9112), which are kept. A body of known length is received where it stays: Node's own client
// receives in memory of its own, its parser copies that, and its streams hand it on, which takes four times as long.
// Everything else that servers answer is left to that client, which gets the bytes from here.
import { connect, isIP, type OnReadOpts, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectSecurely, type TLSSocket } from 'node:tls'
import { urlToHttpOptions } from 'node:url'
import { END, fieldLines, headEnd, headOf, keptMs } from './http_head.js'
import { relayed } from './node_relay.js'
import type { Outgoing, Receiver } from './node_transport.js'

/** To one server: as many requests as the engine has at once by itself. Others wait. */
const MOST_CONNECTIONS = 256

/** A server that says nothing for so long says nothing any more. */
const SILENCE_MS = 300_000

/** Where connections receive what has no place yet, one after the other: nothing stays there. */
const SHARED = Buffer.allocUnsafeSlow(128 << 10)

/** A request, and who gets its answer. */
interface Exchange {
  outgoing: Outgoing
  /** The request as it is sent. */
  text: string
  receiver: Receiver
  /** Called in place of an answer. */
  speaksHttp2: () => void
  /** Whether it was sent before, over a connection that turned out to be closed. */
  isAgain?: boolean
}

/** By their origin, and the name that they are asked for. */
const servers = new Map<string, Server>()

/** Sends a request over a connection to its server. `speaksHttp2` is called if that wants no other protocol. */
export function sendByConnection(outgoing: Outgoing, receiver: Receiver, speaksHttp2: () => void): void {
  const { url, method, headers } = outgoing
  const { host = url.host } = headers
  const key = `${url.origin} ${host}`
  try {
    if (!/^https?:$/.test(url.protocol)) throw new Error(`the protocol ${url.protocol} is not HTTP`)
    const lines = fieldLines({ host, ...headers, connection: 'keep-alive' })
    const text = `${method} ${url.pathname}${url.search} HTTP/1.1\r\n${lines}\r\n`
    let server = servers.get(key)
    if (!server) {
      server = new Server(url, host, () => servers.delete(key))
      servers.set(key, server)
    }
    server.send({ outgoing, text, receiver, speaksHttp2 })
  } catch (thrown) {
    receiver.fail(thrown)
  }
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

  /** `abandoned` is called when it has nothing to do, and no connection any more. */
  constructor(url: URL, host: string, abandoned: () => void) {
    this.#url = url
    this.#name = host.replace(/:\d*$/, '').replace(/^\[|\]$/g, '')
    this.#abandoned = abandoned
  }

  send(exchange: Exchange): void {
    this.#waiting.add(exchange)
    exchange.receiver.started(() => this.#waiting.delete(exchange))
    this.#schedule()
  }

  /** The socket of a new connection, and the event that says that it can be used. */
  connect(onread: OnReadOpts): [Socket, connected: string] {
    const { protocol } = this.#url
    const { hostname, port } = urlToHttpOptions(this.#url)
    const options = { host: hostname ?? '', noDelay: true, keepAlive: true, onread }
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

  /** Has a connection for the next request. */
  keep(connection: Connection): void {
    this.#idle.push(connection)
    this.#schedule()
  }

  /** No connection of this kind is of use. */
  speaksHttp2(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const { speaksHttp2 } of waiting) speaksHttp2()
  }

  /** A connection is closed. */
  forget(connection: Connection): void {
    const at = this.#idle.indexOf(connection)
    if (at >= 0) this.#idle.splice(at, 1)
    // It may be what kept it from connecting.
    if (!connection.isConnected) this.#session = undefined
    this.#count--
    this.#schedule()
  }

  /**
   * Sends what waits after everything that has been received: then requests that were taken back are not sent, and a
   * connection that got more than its answer, or ended, has shown it.
   */
  #schedule(): void {
    if (this.#isDue) return
    this.#isDue = true
    setImmediate(() => {
      this.#isDue = false
      this.#sendWaiting()
      if (this.#count + this.#waiting.size === 0) this.#abandoned()
    })
  }

  #sendWaiting(): void {
    for (const exchange of this.#waiting) {
      try {
        const connection = this.#connection(exchange.isAgain)
        if (!connection) break
        this.#waiting.delete(exchange)
        connection.carry(exchange)
      } catch (thrown) {
        this.#waiting.delete(exchange)
        exchange.receiver.fail(thrown)
      }
    }
  }

  /**
   * One that can be used; `undefined` if there are enough, and all are busy. Where it must be new, what is idle has been
   * forgotten as well, or will be: it is closed, which also makes room.
   */
  #connection(isNew = false): Connection | undefined {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      if (isNew) idle.close()
      else if (idle.isUsable) return idle
    }
    if (this.#count === MOST_CONNECTIONS) return undefined
    const connection = new Connection(this)
    this.#count++
    return connection
  }
}

/** What a connection is busy with. */
interface Current {
  exchange: Exchange
  /** Bytes of the body that are still to come; `undefined` before its head is here. */
  left: number | undefined
  /** Milliseconds for which the connection may be used after this answer. */
  keptMs: number
  /** Where Node's client gets the answer from, if it is left to that. */
  relay: Duplex | undefined
  /** The end of what it got. */
  tail: string
}

class Connection {
  readonly #server: Server
  readonly #socket: Socket
  isConnected = false
  /** Whether an answer has come over it. */
  #isProven = false
  #current: Current | undefined

  constructor(server: Server) {
    this.#server = server
    // After every call of the second, Node calls the first for the next bytes.
    const [socket, connected] = server.connect({
      buffer: () => this.#room() ?? SHARED,
      callback: (length, { buffer, byteOffset }) => {
        if (this.#current) this.#received(this.#current, Buffer.from(buffer, byteOffset, length))
        // Nobody asked for it.
        else this.#socket.destroy()
        return true
      },
    })
    this.#socket = socket
    socket.once(connected, () => this.#connected((socket as TLSSocket).alpnProtocol === 'h2'))
    let reason: Error | undefined
    let isSilent = false
    socket.on('error', (error) => {
      reason = error
    })
    socket.on('timeout', () => {
      reason = new Error(`no answer in ${SILENCE_MS / 1000} seconds`)
      isSilent = true
      socket.destroy()
    })
    socket.on('close', () => this.#closed(reason, isSilent))
  }

  /** Nothing more is sent over it. */
  close(): void {
    this.#socket.destroy()
  }

  /** Whether the server has not closed it, as far as is known. */
  get isUsable(): boolean {
    return this.#socket.writable
  }

  /** Sends a request, now or when it is connected. */
  carry(exchange: Exchange): void {
    const current: Current = { exchange, left: undefined, keptMs: 0, relay: undefined, tail: '' }
    this.#current = current
    this.#socket.setTimeout(SILENCE_MS)
    this.#socket.ref()
    if (this.isConnected) this.#send(exchange)
    exchange.receiver.started(() => this.#drop(current))
  }

  #connected(speaksHttp2: boolean): void {
    this.isConnected = true
    if (!this.#current) return
    const { exchange } = this.#current
    if (speaksHttp2) {
      this.#drop(this.#current)
      exchange.speaksHttp2()
      this.#server.speaksHttp2()
    } else {
      this.#send(exchange)
    }
  }

  #send({ text }: Exchange): void {
    this.#socket.write(text, 'latin1')
  }

  /** Where the rest of the body belongs. */
  #room(): Uint8Array | undefined {
    return this.#current?.left ? this.#current.exchange.receiver.room() : undefined
  }

  #received(current: Current, bytes: Buffer): void {
    const { receiver } = current.exchange
    if (current.relay) {
      this.#relay(current, bytes)
    } else if (current.left === undefined) {
      this.#begun(current, bytes)
    } else {
      // What is not received there is received in its room.
      if (bytes.buffer === SHARED.buffer) receiver.data(Buffer.from(bytes))
      else receiver.filled(bytes.length)
      this.#got(current, bytes.length)
    }
  }

  /** The answer begins. */
  #begun(current: Current, bytes: Buffer): void {
    const { outgoing, receiver } = current.exchange
    const head = outgoing.method === 'HEAD' ? undefined : headOf(bytes)
    if (!head) {
      this.#leave(current, bytes)
      return
    }
    const { length, status, headers, bodyLength } = head
    const body = bytes.subarray(length, length + bodyLength)
    // What is behind the answer answers nothing.
    current.keptMs = length + bodyLength < bytes.length ? 0 : keptMs(headers)
    current.left = bodyLength
    receiver.head(status, headers)
    if (body.length > 0) receiver.data(this.#room() ? body : Buffer.from(body))
    this.#got(current, body.length)
  }

  /** So many bytes of the body are with the receiver, unless it has given up. */
  #got(current: Current, length: number): void {
    if (this.#current !== current || current.left === undefined) return
    current.left -= length
    if (current.left > 0) return
    this.#complete(current)
    current.exchange.receiver.end()
  }

  #leave(current: Current, bytes: Buffer): void {
    const { outgoing, receiver } = current.exchange
    // Some servers send a body where none belongs.
    const end = outgoing.method === 'HEAD' ? headEnd(bytes) : bytes.length
    current.relay = relayed(outgoing, receiver, ({ httpVersion, headers }) => {
      // What is behind the answer answers nothing.
      const isChunked = outgoing.method !== 'HEAD' && 'transfer-encoding' in headers
      const isAll = isChunked ? current.tail === END : end === bytes.length
      current.keptMs = httpVersion === '1.1' && isAll ? keptMs(headers) : 0
      if (this.#current === current) this.#complete(current)
    })
    // If Node's client gives up, so does the connection.
    current.relay.on('close', () => this.#drop(current))
    this.#relay(current, bytes.subarray(0, end))
  }

  #relay(current: Current, bytes: Buffer): void {
    current.tail = (current.tail + bytes.toString('latin1', bytes.length - 4)).slice(-4)
    current.relay?.push(Buffer.from(bytes))
  }

  /** The answer is here. */
  #complete({ keptMs }: Current): void {
    this.#current = undefined
    this.#isProven = true
    if (keptMs <= 0) {
      this.#socket.destroy()
      return
    }
    this.#socket.setTimeout(Math.min(keptMs, SILENCE_MS))
    this.#socket.unref()
    this.#server.keep(this)
  }

  /** Nobody waits for the answer any more. */
  #drop(current: Current): void {
    if (this.#current !== current) return
    this.#current = undefined
    current.relay?.destroy()
    this.#socket.destroy()
  }

  #closed(reason: Error | undefined, isSilent: boolean): void {
    const current = this.#current
    this.#current = undefined
    this.#server.forget(this)
    if (!current) return
    const { exchange, relay, left } = current
    const isUnanswered = !relay && left === undefined && !isSilent
    // The server, or something on the way, no longer knew of a connection that had been kept.
    const isForgotten = isUnanswered && this.#isProven
    if (isForgotten && !exchange.isAgain) this.#server.send({ ...exchange, isAgain: true })
    else if (!relay)
      exchange.receiver.fail(reason ?? new Error('the connection was closed without an answer'))
    else if (reason) relay.destroy(reason)
    else relay.push(null)
  }
}
