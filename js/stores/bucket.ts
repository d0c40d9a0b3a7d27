// Listings of buckets: S3's ListObjectsV2, which Google's and many others' servers answer too.
import type { StoreHandle } from '../wasm/zarr_wasm.js'
import { failure, located, type Part, shownUrl } from './source.js'

/** A bucket, or what may be one. */
interface Bucket {
  /** Without a query. */
  url: URL
  /** The key that the URL of the store stands for. */
  key: string
  /** Whether it is one for certain. */
  isKnown: boolean
}

/** Hosts of buckets, and of servers that have the bucket's name first in the path. */
const BUCKET_HOST = /\.s3[.-]([\w-]+\.)*amazonaws\.com$|\.storage\.googleapis\.com$/
const SERVER_HOST = /^s3[.-]([\w-]+\.)*amazonaws\.com$|^storage\.googleapis\.com$/

/** A bucket with more pages than this has names that no group has. */
const MAX_PAGES = 1000

/** Statuses of what may not be asked or is not known (RFC 9110, section 15.5). */
const REFUSALS = new Set<unknown>([400, 401, 403, 405])

type At = (url: URL) => StoreHandle

/** Names right below a folder of the store at this URL. */
export async function listBucket(
  location: URL,
  folder: string,
  at: At,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  for (const bucket of bucketsOf(location)) {
    const prefix = `${bucket.key}${folder}`.replace(/^\/+/, '').replace(/\/+$/, '/')
    const names = await pages(bucket, prefix, at, signal)
    if (names) return names
  }
  const url = shownUrl(location)
  const message =
    'the group has no consolidated metadata, and its server lists nothing: its members are not known. Where it speaks S3, open s3://bucket/key with the option endpoint'
  throw failure('unsupported', `${message} (${url})`, { url })
}

/** The bucket of a URL; of a server that is not known, what it may be: what a server says is checked. */
function bucketsOf(location: URL): Bucket[] {
  const { protocol, host, pathname } = location
  const key = decodeURIComponent(pathname).replace(/\/+$/, '')
  const whole = { url: withPath(location, '/'), key, isKnown: false }
  if (protocol === 's3:' || protocol === 'gs:' || BUCKET_HOST.test(host)) return [{ ...whole, isKnown: true }]
  const [, name = '', rest = ''] = /^\/([^/]+)(.*)$/s.exec(pathname) ?? []
  const isKnown = SERVER_HOST.test(host)
  const first = {
    url: withPath(location, `/${name}`),
    key: decodeURIComponent(rest).replace(/\/+$/, ''),
    isKnown,
  }
  if (isKnown) return [first]
  return name === '' ? [whole] : [first, whole]
}

function withPath(location: URL, path: string): URL {
  const url = new URL(location)
  url.pathname = path
  return url
}

/** All pages of a listing; `undefined` from what does not list. */
async function pages(
  { url, isKnown }: Bucket,
  prefix: string,
  at: At,
  signal: AbortSignal | undefined,
): Promise<string[] | undefined> {
  const names: string[] = []
  let token: string | undefined
  for (let count = 0; count < MAX_PAGES; count++) {
    const page = new URL(url)
    for (const [name, value] of Object.entries({ 'list-type': '2', delimiter: '/', prefix }))
      page.searchParams.set(name, value)
    if (token !== undefined) page.searchParams.set('continuation-token', token)
    const text = await textAt(at(page), signal).catch((thrown) => {
      // What is no bucket may say so in any way; one that may not be listed refuses.
      if (signal?.aborted || (isKnown && !isRefusal(thrown))) throw located(thrown, { url: shownUrl(url) })
    })
    if (text === undefined || !/<ListBucketResult[\s>]/.test(text)) return undefined
    // Nodes have objects below them: what has none is no node.
    const found = elements(text, 'CommonPrefixes').flatMap((part) => elements(part, 'Prefix'))
    for (const key of found.map(unescaped)) {
      if (key.startsWith(prefix)) names.push(key.slice(prefix.length))
    }
    token = elements(text, 'NextContinuationToken').map(unescaped)[0]
    if (token === undefined) return names
  }
  throw failure('store', `the listing of ${url.host} has more than ${MAX_PAGES} pages`)
}

const isRefusal = (thrown: unknown) =>
  typeof thrown === 'object' && thrown !== null && 'status' in thrown && REFUSALS.has(thrown.status)

async function textAt(handle: StoreHandle, signal: AbortSignal | undefined): Promise<string | undefined> {
  const part: Part | undefined = await handle.get('', 0, Number.POSITIVE_INFINITY, signal)
  return part && new TextDecoder().decode(part[0])
}

/** What stands in elements of this name, which are not within each other, up to one that is not closed. */
function elements(text: string, name: string): string[] {
  const [opening, closing] = [`<${name}>`, `</${name}>`]
  const contents: string[] = []
  for (let at = text.indexOf(opening); at >= 0; at = text.indexOf(opening, at)) {
    const start = at + opening.length
    at = text.indexOf(closing, start)
    if (at < 0) break
    contents.push(text.slice(start, at))
  }
  return contents
}

const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

const unescaped = (text: string): string =>
  text.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return NAMED[name] ?? whole
    const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole
  })
