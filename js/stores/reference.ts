// References as a store (kerchunk's, https://fsspec.github.io/kerchunk/spec.html): a document that says of each key where
// its bytes are, in some other object, or has them itself.
//
// - version 0: `{"key": reference, …}`; version 1: `{"version": 1, "templates": {…}, "gen": […], "refs": {…}}`
// - a reference: a text, which may begin with `base64:`; a JSON object, which stands for its text; `[url]` for a whole
//   object; `[url, offset, length]` for a part of one
// - `gen`: references by rule, for every combination of the values of its dimensions
//
// What each reference says is looked at when it is needed. That what it points at is not there is an error, and not a
// missing chunk.
import type { RangeOptions, RangeQuery, Store } from '../types.js'
import { documentAt, encodeText, isObject, type Pointer, type References } from './documents.js'
import { exactText } from './exact_text.js'
import { namesBelow } from './names.js'
import { bytesOf, failure } from './source.js'
import { type SourceAt, Targets } from './targets.js'
import { Room, Templates } from './template.js'

/** References by rule: there may be this many. */
const MAX_GENERATED = 1 << 20

/** Of all of them, characters of their texts and of the values in them. */
const MAX_GENERATED_CHARACTERS = 1 << 28

const BASE64 = 'base64:'

/** Opens the references at a URL: one JSON document, or a folder of Parquet files. */
export async function openReference(url: URL, sourceAt: SourceAt, signal?: AbortSignal): Promise<Store> {
  const isFolder = /(\.parq|\.parquet|\/)$/i.test(url.pathname)
  if (isFolder) {
    const { ParquetReferences } = await import('./parquet.js')
    return new ReferenceStore(await ParquetReferences.at(url, sourceAt, signal), new Targets(url, sourceAt))
  }
  const source = sourceAt(url)
  const document = await documentAt(source, signal)
  return new ReferenceStore(jsonReferences(document, source.name), new Targets(url, sourceAt))
}

function jsonReferences(document: Record<string, unknown>, name: string): References {
  const refuse = (message: string) => failure('invalid-metadata', `${name}: ${message}`)
  if ('zarr_format' in document)
    throw refuse('it is the metadata of a node, not references: open the folder that it is in')
  const { version, refs } = document
  const isSimple = version === undefined
  if (!isSimple && version !== 1 && version !== 0)
    throw failure('unsupported', `${name}: its version is ${JSON.stringify(version)}, expected 0 or 1`)
  const listed = isSimple ? document : (refs ?? {})
  if (!isObject(listed)) throw refuse('refs is not an object')
  const templates = templatesOf(document.templates ?? {}, refuse)
  const references = new Map(Object.entries(listed))
  generate(document.gen ?? [], templates, references, refuse)
  return {
    async find(key) {
      const reference = references.get(key)
      return reference === undefined ? undefined : interpreted(reference, key, templates, refuse)
    },
    names: (folder) => namesBelow(folder, references.keys()),
  }
}

type Refuse = (message: string) => unknown

function templatesOf(templates: unknown, refuse: Refuse): Templates {
  if (!isObject(templates)) throw refuse('templates is not an object')
  const texts = Object.entries(templates).map(([name, text]): [string, string] => {
    if (typeof text !== 'string') throw refuse(`the template ${name} is not a text`)
    return [name, text]
  })
  return new Templates(new Map(texts))
}

function interpreted(
  reference: unknown,
  key: string,
  templates: Templates,
  refuse: Refuse,
): Uint8Array | Pointer {
  if (typeof reference === 'string')
    return reference.startsWith(BASE64) ? unpacked(reference, key, refuse) : encodeText(reference)
  if (isObject(reference)) return encodeText(exactText(reference))
  const broken = () =>
    refuse(`the reference ${key} is ${exactText(reference)}, expected a text, [url] or [url, offset, length]`)
  if (!Array.isArray(reference) || (reference.length !== 1 && reference.length !== 3)) throw broken()
  const [location, offset = 0, length] = reference
  if (typeof location !== 'string' || !isCount(offset)) throw broken()
  if (length !== undefined && !isCount(length)) throw broken()
  return { location: templates.render(location), offset, length }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

function unpacked(reference: string, key: string, refuse: Refuse): Uint8Array {
  try {
    return Uint8Array.from(atob(reference.slice(BASE64.length)), (character) => character.charCodeAt(0))
  } catch {
    throw refuse(`the reference ${key} is not validly base64`)
  }
}

/** Adds the references by rule. */
function generate(
  rules: unknown,
  templates: Templates,
  references: Map<string, unknown>,
  refuse: Refuse,
): void {
  if (!Array.isArray(rules)) throw refuse('gen is not a list')
  let left = MAX_GENERATED
  const room = new Room(MAX_GENERATED_CHARACTERS)
  for (const rule of rules) {
    if (!isObject(rule) || !isObject(rule.dimensions)) throw refuse('an item of gen has no dimensions')
    const { key, url, offset, length } = rule
    if (typeof key !== 'string' || typeof url !== 'string')
      throw refuse('an item of gen has no key or no url')
    if ((offset === undefined) !== (length === undefined))
      throw refuse('an item of gen has one of offset and length, expected both or none')
    const dimensions = Object.entries(rule.dimensions).map(([name, values]) =>
      dimension(name, values, refuse),
    )
    left -= dimensions.reduce((count, { size }) => count * size, 1)
    if (!(left >= 0)) throw refuse(`gen makes more than ${MAX_GENERATED} references`)
    for (const variables of combinations(dimensions)) {
      const render = (text: string) => templates.render(text, variables, room)
      const number = (text: unknown) => {
        const rendered = typeof text === 'string' ? render(text) : text
        const value =
          typeof rendered === 'string' && /^\s*\d+\s*$/.test(rendered) ? Number(rendered) : rendered
        if (!isCount(value)) throw refuse(`gen makes the number ${JSON.stringify(rendered)}`)
        return value
      }
      const location = render(url)
      const reference = offset === undefined ? [location] : [location, number(offset), number(length)]
      references.set(render(key), reference)
    }
  }
}

interface Dimension {
  name: string
  size: number
  value(at: number): number | string
}

/** A list of values, or a range as Python has it. */
function dimension(name: string, values: unknown, refuse: Refuse): Dimension {
  if (Array.isArray(values) && values.every((value) => typeof value === 'string' || Number.isFinite(value)))
    return { name, size: values.length, value: (at) => values[at] }
  const { start = 0, stop, step = 1 } = isObject(values) ? values : {}
  const isRange =
    Number.isSafeInteger(start) && Number.isSafeInteger(stop) && Number.isSafeInteger(step) && step !== 0
  if (!isRange) throw refuse(`the dimension ${name} of gen is neither a list nor a range`)
  const [first, last, distance] = [start, stop, step].map(Number)
  const size = Math.max(0, Math.ceil((last - first) / distance))
  return { name, size, value: (at) => first + at * distance }
}

/** Every combination, the last dimension fastest. */
function* combinations(dimensions: readonly Dimension[]): Generator<Map<string, number | string>> {
  const count = dimensions.reduce((product, { size }) => product * size, 1)
  for (let i = 0; i < count; i++) {
    let rest = i
    const variables = new Map<string, number | string>()
    for (const { name, size, value } of [...dimensions].reverse()) {
      variables.set(name, value(rest % size))
      rest = Math.floor(rest / size)
    }
    yield variables
  }
}

class ReferenceStore implements Store {
  readonly #references: References
  readonly #targets: Targets

  constructor(references: References, targets: Targets) {
    this.#references = references
    this.#targets = targets
  }

  async get(key: string, { signal }: RangeOptions = {}): Promise<Uint8Array | undefined> {
    const found = await this.#references.find(key.slice(1))
    if (found === undefined || found instanceof Uint8Array) return found
    const { location, offset, length } = found
    if (length !== undefined) return this.#bytes(location, offset, offset + length, signal)
    return this.#bytes(location, 0, Number.POSITIVE_INFINITY, signal)
  }

  async getRange(
    key: string,
    range: RangeQuery,
    { signal }: RangeOptions = {},
  ): Promise<Uint8Array | undefined> {
    const found = await this.#references.find(key.slice(1))
    if (found === undefined) return undefined
    const length = found.length
    if (length === undefined && !(found instanceof Uint8Array)) {
      const { location } = found
      return 'offset' in range
        ? this.#bytes(location, range.offset, range.offset + range.length, signal)
        : this.#bytes(location, -range.suffixLength, Number.POSITIVE_INFINITY, signal)
    }
    const start = 'offset' in range ? range.offset : Number(length) - range.suffixLength
    const stop = 'offset' in range ? range.offset + range.length : Number(length)
    if (start < 0 || stop > Number(length))
      throw failure('corrupt-chunk', `bytes ${start}..${stop} were asked for, the reference has ${length}`)
    if (found instanceof Uint8Array) return found.subarray(start, stop)
    return this.#bytes(found.location, found.offset + start, found.offset + stop, signal)
  }

  async listDir(key: string): Promise<Iterable<string>> {
    return this.#references.names(key.slice(1))
  }

  async #bytes(
    location: string,
    start: number,
    stop: number,
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array> {
    const source = this.#targets.at(location)
    if (start >= 0 && stop < Number.POSITIVE_INFINITY) return bytesOf(source, start, stop, signal)
    const part = await source.read(start, stop, signal)
    if (part) return part[0]
    throw failure('store', `there is no ${source.name}, at which a reference points`)
  }
}
