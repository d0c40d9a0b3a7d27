// Requests in Node: its `fetch` costs three times as much for each.
import { constants } from 'node:buffer'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import { Bodies } from './bodies.js'
import { type HeadersSource, headersOf } from './fetch_transport.js'
import type { Fields } from './http_head.js'
import { sendByConnection } from './node_connections.js'
import {
  type Engine,
  joined,
  NOTHING,
  ObjectUrls,
  rangeHeader,
  settleHttp,
  type Transport,
} from './transport.js'

const MAX_REDIRECTIONS = 10

/** Bytes of a body that are received at once: some systems refuse to receive 2 GiB. */
const MOST_AT_ONCE = 1 << 30

/** Bytes of the body of an answer that is no object: so short a one costs less than another connection. */
const MOST_OF_REFUSAL = 64 << 10

/** Bodies that decode to more than this are decoded one after the other, whoever asked for them. */
const MOST_DECODED_BESIDE_OTHERS = 32 << 20

/** Of all stores. */
const bodies = new Bodies()

/** As Node's users expect: requests pass a proxy where these say so. */
const isProxied = () =>
  ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'].some((name) => process.env[name])

/** A request as it goes over the network. */
export interface Outgoing {
  url: URL
  method: 'GET' | 'HEAD'
  headers: Record<string, string>
}

/** Origins of servers that speak HTTP/2. */
const speakHttp2 = new Set<string>()

/** Sends it in the way that it needs. */
function send(outgoing: Outgoing, receiver: Receiver): void {
  const proxied = isProxied()
  const byUndici = () => {
    import('./node_undici.js')
      .then(({ sendByUndici }) => sendByUndici(outgoing, receiver, proxied))
      .catch((thrown) => receiver.fail(thrown))
  }
  const { origin } = outgoing.url
  const speaksHttp2 = () => {
    speakHttp2.add(origin)
    byUndici()
  }
  if (proxied || speakHttp2.has(origin)) byUndici()
  else sendByConnection(outgoing, receiver, speaksHttp2)
}

/** A request with what its answer is to be. */
interface Sent extends Outgoing {
  most: number
  stop: number
  redirections: number
}

/** Credentials are for the origin that they were given for, as its name is; `fetch` keeps these to it, too. */
const OF_ORIGIN = ['authorization', 'cookie', 'host', 'proxy-authorization']

/** What is sent next, if the answer says that the object is elsewhere (RFC 9110, section 15.4). */
function redirected(sent: Sent, status: number, location: string | undefined): Sent | undefined {
  const isElsewhere = [301, 302, 303, 307, 308].includes(status)
  if (!isElsewhere || location === undefined || sent.redirections === MAX_REDIRECTIONS) return undefined
  const url = new URL(location, sent.url)
  const mayHave = ([name]: [string, string]) => url.origin === sent.url.origin || !OF_ORIGIN.includes(name)
  const headers = Object.fromEntries(Object.entries(sent.headers).filter(mayHave))
  return { ...sent, url, headers, redirections: sent.redirections + 1 }
}

/** A request under way. */
interface Running {
  abort?: Abort
}

export class NodeTransport implements Transport {
  readonly #engine: Engine
  readonly #urls: ObjectUrls
  readonly #headers: HeadersSource | undefined
  readonly #running = new Map<number, Running>()

  constructor(engine: Engine, url: URL, headers: HeadersSource | undefined) {
    this.#engine = engine
    this.#urls = new ObjectUrls(url)
    this.#headers = headers
  }

  send(id: number, key: string, start: number, stop: number, most: number): void {
    this.#running.set(id, {})
    const range = rangeHeader(start, stop)
    const begin = (headers: Record<string, string>) => {
      if (range !== undefined) headers.range = range
      const method = Number.isNaN(start) ? 'HEAD' : 'GET'
      this.#dispatch(id, { url: new URL(this.#urls.of(key)), method, headers, most, stop, redirections: 0 })
    }
    if (this.#headers === undefined) begin({})
    else
      headersOf(this.#headers)
        .then((headers) => begin(Object.fromEntries(new Headers(headers))))
        .catch((thrown) => this.#failed(id, thrown))
  }

  cancel(id: number): void {
    const running = this.#running.get(id)
    this.#running.delete(id)
    running?.abort?.(new Error('nobody waits for the answer any more'))
  }

  release(body: Uint8Array): void {
    bodies.takeBack(body)
  }

  location(key: string): string {
    return this.#urls.location(key)
  }

  hasRanges(): boolean {
    return true
  }

  hasFreeSuffixes(): boolean {
    return true
  }

  #dispatch(id: number, sent: Sent): void {
    if (!this.#running.has(id)) return
    const { method, most, stop } = sent
    const receiver = new Receiver(method === 'HEAD' ? Number.POSITIVE_INFINITY : most, stop, {
      started: (abort) => this.#started(id, abort),
      ended: (status, body, length, header) => {
        const next = redirected(sent, status, header('location'))
        if (next) this.#dispatch(id, next)
        else if (this.#running.delete(id)) settleHttp(this.#engine, id, status, body, length, header)
      },
      failed: (error) => this.#failed(id, error),
    })
    send(sent, receiver)
  }

  #started(id: number, abort: Abort): void {
    const running = this.#running.get(id)
    if (running) running.abort = abort
    else abort(new Error('nobody waits for the answer any more'))
  }

  #failed(id: number, error: unknown): void {
    if (this.#running.delete(id)) this.#engine.fail(id, error, true)
  }
}

type Decode = (
  body: Uint8Array,
  options: { maxOutputLength: number },
  done: (error: Error | null, body: Buffer) => void,
) => void

/** RFC 9110, section 8.4.1. Not an object: of those every name like `constructor` has a member. */
const DECODERS = new Map<string, Decode>([
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  ['deflate', inflate],
  ['br', brotliDecompress],
])

/** Names that stores answer where nothing is encoded. */
const NO_ENCODINGS = ['', 'identity', 'none', 'binary', 'utf-8', 'aws-chunked']

const encodingOf = (header = ''): string =>
  header
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => !NO_ENCODINGS.includes(name))
    .join(', ')

/** When the last of the large bodies is decoded. */
let decoding: Promise<void> = Promise.resolve()

const nothing = () => {}

/** Fails with code `ERR_BUFFER_TOO_LARGE` for a body that decodes to more than `most` bytes. */
const decoded = (decode: Decode, body: Uint8Array, most: number): Promise<Buffer> =>
  promisify(decode)(body, { maxOutputLength: Math.min(most, constants.MAX_LENGTH) })

type Headed = (name: string) => string | undefined

/** Ends a request that is under way. */
type Abort = (reason: Error) => void

interface Listener {
  started(abort: Abort): void
  ended(status: number, body: Uint8Array, length: number, header: Headed): void
  failed(error: unknown): void
}

/** Receives one answer, if its length is known into a buffer of just that. */
export class Receiver {
  readonly #most: number
  readonly #stop: number
  readonly #listener: Listener
  #status = 0
  #headers: Fields = {}
  /** How the body is encoded; empty where it is not, or is of no use. */
  #encoding = ''
  /** Of the body; NaN where it is not known. */
  #length = Number.NaN
  #buffer: Uint8Array | undefined
  #parts: Uint8Array[] = []
  #count = 0
  /** Bytes after which no more are of use. */
  #enough = Number.POSITIVE_INFINITY
  #isDone = false
  #abort: Abort | undefined

  constructor(most: number, stop: number, listener: Listener) {
    this.#most = most
    this.#stop = stop
    this.#listener = listener
  }

  started(abort: Abort): void {
    this.#abort = abort
    this.#listener.started(abort)
  }

  head(status: number, headers: Fields): void {
    this.#status = status
    this.#headers = headers
    const isRefusal = status < 200 || status >= 300
    if (!isRefusal) this.#encoding = encodingOf(this.#header('content-encoding'))
    const length = this.#header('content-length')
    if (length !== undefined) this.#length = Number(length)
    // These have no body, whatever they say of one (RFC 9110, section 8.6).
    if (status === 204 || status === 304) this.#length = 0
    // Of the whole object where a range was wanted, see `Transport.send`. What is encoded begins with nothing of use.
    const begin = isRefusal || this.#encoding !== '' || !Number.isFinite(this.#stop) ? 0 : this.#stop
    const most = this.#mostReceived(isRefusal)
    if (this.#length > most) this.#enough = begin
    else if (Number.isNaN(this.#length)) this.#enough = most + 1
    if (this.#enough === 0) this.#giveUp()
  }

  #mostReceived(isRefusal: boolean): number {
    if (isRefusal && !this.#isOfHead) return MOST_OF_REFUSAL
    return this.#status === 200 && Number.isFinite(this.#stop) ? Math.max(this.#most, this.#stop) : this.#most
  }

  /** Of an answer that says how long the object is, and has no body. */
  get #isOfHead(): boolean {
    return this.#most === Number.POSITIVE_INFINITY
  }

  /**
   * Where the next bytes of the body belong, if its length is known and all of it is wanted. Where there is no memory for it,
   * the answer fails.
   */
  room(): Uint8Array | undefined {
    if (this.#isDone) return undefined
    if (this.#count === 0 && this.#length < this.#enough) {
      try {
        this.#buffer ??= bodies.lend(this.#length)
      } catch (tooLong) {
        this.fail(tooLong)
        this.#abort?.(new Error('there is no room for the answer'))
      }
    }
    return this.#buffer?.subarray(this.#count, this.#count + MOST_AT_ONCE)
  }

  data(chunk: Uint8Array): void {
    if (this.#isDone) return
    const room = this.room()
    if (room && chunk.length <= room.length) room.set(chunk)
    else this.#parts.push(chunk)
    this.filled(chunk.length)
  }

  /** So many bytes of the body are in their room. */
  filled(length: number): void {
    if (this.#isDone) return
    this.#count += length
    if (this.#count >= this.#enough) this.#giveUp()
  }

  end(): void {
    if (this.#isDone) return
    if (this.#count < this.#length && !this.#isOfHead) {
      this.fail(new Error(`the body ended after ${this.#count} of ${this.#length} bytes`))
      return
    }
    this.#finish(() => {
      if (this.#encoding !== '' && this.#count > 0) this.#decode()
      else this.#end(this.#body(), this.#isOfHead ? this.#length : this.#count)
    })
  }

  fail(error: unknown): void {
    if (this.#isDone) return
    this.#isDone = true
    this.#listener.failed(error)
  }

  #giveUp(): void {
    this.#finish(() => {
      if (this.#encoding === '') this.#end(this.#body(), this.#length)
      // How long it is decoded is not known, but that it is too long.
      else this.#end(NOTHING, Number.POSITIVE_INFINITY)
    })
    this.#abort?.(new Error('no more of the answer is of use'))
  }

  /** Does what is left to do. If that throws, the client would tell only us, who have ended. */
  #finish(work: () => void): void {
    this.#isDone = true
    try {
      work()
    } catch (thrown) {
      this.#listener.failed(thrown)
    }
  }

  #body(): Uint8Array {
    if (this.#count === 0) return NOTHING
    return this.#buffer?.subarray(0, this.#count) ?? joined(this.#parts, this.#count)
  }

  #end(body: Uint8Array, length: number): void {
    this.#listener.ended(this.#status, body, length, (name) => this.#header(name))
  }

  /** Nothing was said of encodings that are accepted, but some objects are stored so. */
  #decode(): void {
    const decode = DECODERS.get(this.#encoding)
    if (!decode) throw new Error(`the content encoding ${this.#encoding} is not known`)
    const body = this.#body()
    decoded(decode, body, Math.min(this.#most, MOST_DECODED_BESIDE_OTHERS))
      .catch((error) => {
        if (error.code !== 'ERR_BUFFER_TOO_LARGE') throw error
        const alone = decoding.then(() => decoded(decode, body, this.#most))
        decoding = alone.then(nothing, nothing)
        return alone
      })
      .then(
        ({ buffer, byteOffset, length }) =>
          this.#finish(() => this.#end(new Uint8Array(buffer, byteOffset, length), length)),
        (error) => this.#listener.failed(error),
      )
  }

  #header(name: string): string | undefined {
    const value = this.#headers[name]
    return Array.isArray(value) ? value.join(', ') : value
  }
}
