// Judges the cases of tests/fixtures/manifest.json by the public API. Runs in Node and in a page.

const OUTPUTS = {
  bool: Uint8Array,
  int2: Int8Array,
  int4: Int8Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint2: Uint8Array,
  uint4: Uint8Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  bfloat16: Float32Array,
  float16: Float32Array,
  float32: Float32Array,
  float64: Float64Array,
  complex64: Float32Array,
  complex128: Float64Array,
  datetime64: BigInt64Array,
  timedelta64: BigInt64Array,
}

/** What holds elements of a type; for what is no number `Array`. */
function outputOf(dtype) {
  const name = dtype.replace(/\[.*$/, '')
  if (name in OUTPUTS) return OUTPUTS[name]
  if (name === 'raw_bytes') return Uint8Array
  if (/^(complex_)?float[468]_|^complex_/.test(name)) return Float32Array
  return Array
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
  equal('dtype has a unit', array.dtype !== item.dtype, /^(date|time)/.test(item.dtype))
  await judgeRead(array, undefined, item.shape, item.full)
  for (const { sel, shape, data } of item.selections) {
    const selection = sel.map((entry) =>
      typeof entry === 'object' && entry !== null
        ? library.slice(entry.start, entry.stop, entry.step)
        : entry,
    )
    await judgeRead(array, selection, shape, data)
  }
}

async function judgeRead(array, selection, shape, digest) {
  const what = JSON.stringify(selection ?? 'everything')
  const chunk = await array.get(selection)
  equal(`${what}: shape`, chunk.shape, shape)
  equal(`${what}: stride`, chunk.stride, cOrder(shape))
  const bytes = Uint8Array.from(bytesOf(what, chunk.data, array))
  if ('base64' in digest) {
    equal(`${what}: bytes`, base64(bytes), digest.base64)
  } else {
    equal(`${what}: number of bytes`, bytes.length, digest.length)
    equal(`${what}: SHA-256`, await sha256(bytes), digest.sha256)
  }
}

/** The bytes that the manifest tells of: see its README. */
function bytesOf(what, data, { dtype, fields }) {
  if (dtype === 'struct') {
    equal(
      `${what}: fields`,
      Object.keys(data),
      fields.map(({ name }) => name),
    )
    return fields.flatMap((field) => bytesOf(`${what}: ${field.name}`, data[field.name], field))
  }
  equal(`${what}: type`, data.constructor.name, outputOf(dtype).name)
  return Array.isArray(data) ? data.flatMap((value) => valueBytes(what, value, dtype)) : raw(data)
}

/** A value with its length before it. */
function valueBytes(what, value, dtype) {
  const listed = dtype.match(/^list\[(.*)\]$/)
  const expected = listed ? outputOf(listed[1]) : dtype === 'bytes' ? Uint8Array : String
  equal(`${what}: type of a value`, value.constructor.name, expected.name)
  const bytes = expected === String ? Array.from(new TextEncoder().encode(value)) : raw(value)
  return [...raw(Uint32Array.of(bytes.length)), ...bytes]
}

const raw = ({ buffer, byteOffset, byteLength }) => Array.from(new Uint8Array(buffer, byteOffset, byteLength))

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

export async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
