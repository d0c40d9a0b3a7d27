// Judges the cases of tests/fixtures/manifest.json by the public API. Runs in Node and in a page.

const OUTPUTS = {
  bool: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  float16: Float32Array,
  float32: Float32Array,
  float64: Float64Array,
  complex64: Float32Array,
  complex128: Float64Array,
  datetime64: BigInt64Array,
  timedelta64: BigInt64Array,
}

/** The cases by the first two segments of their ids. */
export function groups(cases) {
  const byName = new Map()
  for (const item of cases) {
    const name = item.id.split('/').slice(0, 2).join('/')
    byName.set(name, [...(byName.get(name) ?? []), item])
  }
  return byName
}

/** Judges cases one after the other; answers a line for each that is wrong. `base` is the URL of tests/fixtures. */
export async function judgeAll(library, base, cases) {
  const wrong = []
  for (const item of cases) {
    try {
      await judge(library, base, item)
    } catch (error) {
      wrong.push(`${item.id}: ${error}`)
    }
  }
  return wrong
}

async function judge(library, base, item) {
  // Paths in the manifest are names, not URLs.
  const url = `${base}/${item.path.split('/').map(encodeURIComponent).join('/')}`
  if (item.expect === 'error') return judgeError(library, url, item)
  if (item.kind === 'group') {
    const group = await library.open(url, { kind: 'group' })
    return equal('attributes', plain(group.attrs), plain(item.attributes))
  }
  const array = await library.open(url, { kind: 'array' })
  equal('zarrFormat', array.zarrFormat, item.zarr_format)
  equal('shape', array.shape, item.shape)
  equal('dtype', array.dtype.replace(/\[\d*(Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as)\]$/, ''), item.dtype)
  equal('dtype has a unit', array.dtype.includes('['), /^(date|time)/.test(item.dtype))
  await judgeRead(array, item.dtype, undefined, item.shape, item.full)
  for (const { sel, shape, data } of item.selections) {
    const selection = sel.map((entry) =>
      typeof entry === 'object' && entry !== null
        ? library.slice(entry.start, entry.stop, entry.step)
        : entry,
    )
    await judgeRead(array, item.dtype, selection, shape, data)
  }
}

async function judgeRead(array, dtype, selection, shape, digest) {
  const what = JSON.stringify(selection ?? 'everything')
  const chunk = await array.get(selection)
  equal(`${what}: shape`, chunk.shape, shape)
  equal(`${what}: stride`, chunk.stride, cOrder(shape))
  equal(`${what}: type`, chunk.data.constructor.name, OUTPUTS[dtype].name)
  const bytes = new Uint8Array(chunk.data.buffer, chunk.data.byteOffset, chunk.data.byteLength)
  if ('base64' in digest) {
    equal(`${what}: bytes`, base64(bytes), digest.base64)
  } else {
    equal(`${what}: number of bytes`, bytes.length, digest.length)
    equal(`${what}: SHA-256`, await sha256(bytes), digest.sha256)
  }
}

async function judgeError(library, url, { stage, code, mentions }) {
  const failing = stage === 'open' ? library.open(url) : (await library.open(url)).get()
  const error = await failing.then(
    () => undefined,
    (thrown) => thrown,
  )
  if (!(error instanceof library.ZarrError)) throw new Error(`${error ?? 'no error'}, expected a ZarrError`)
  equal('code', error.code, code)
  // A URL tells what is not there. Everything else must be told without it: it has the case's name, so most of the words.
  const message = code === 'not-found' ? error.message : error.message.replaceAll(url, '')
  for (const text of mentions) equal(`"${message}" mentions ${text}`, message.includes(text), true)
}

function equal(what, found, expected) {
  const [foundText, expectedText] = [JSON.stringify(found), JSON.stringify(expected)]
  if (foundText !== expectedText) throw new Error(`${what} is ${foundText}, expected ${expectedText}`)
}

const cOrder = (shape) => shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1))

/** Attributes as the manifest has them, and with members in one order. */
function plain(value) {
  if (typeof value === 'bigint') return `n:${value}`
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.keys(value)
    .sort()
    .map((name) => [name, plain(value[name])])
}

const base64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))

async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
