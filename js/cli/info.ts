// `zarr-wasm info`: what is there.
import { type Attributes, type Codec, ZarrArray, ZarrError, ZarrGroup } from '../node.js'
import { bytes, joined, shown } from './format.js'
import { type Given, opened } from './options.js'
import { sizeOf } from './sizes.js'

/** A node, with those below it; `listed` is false where they cannot be known. */
interface Found {
  name: string
  node: ZarrArray | ZarrGroup
  children: Found[]
  isListed: boolean
}

export async function info(given: Given, signal: AbortSignal): Promise<void> {
  const node = await opened(given, signal)
  const found = await below('', node, given.depth, signal)
  if (given.json) console.log(JSON.stringify(described(found), exact, 2))
  else if (node instanceof ZarrArray) console.log(arrayPage(node).join('\n'))
  else console.log(tree(found).join('\n'))
}

async function below(
  name: string,
  node: ZarrArray | ZarrGroup,
  depth: number,
  signal: AbortSignal,
): Promise<Found> {
  if (node instanceof ZarrArray || depth === 0) return { name, node, children: [], isListed: true }
  const members = await node.children().catch((error) => {
    if (error instanceof ZarrError && error.code === 'unsupported') return undefined
    throw error
  })
  const children = (members ?? []).map(async ({ path, kind }) => {
    const member = kind === 'array' ? node.open(path, { kind, signal }) : node.open(path, { kind, signal })
    return below(path, await member, depth - 1, signal)
  })
  return { name, node, children: await Promise.all(children), isListed: members !== undefined }
}

/** For programs. */
function described({ name, node, children, isListed }: Found): object {
  const { path, zarrFormat, attrs } = node
  const common = { name, path, zarrFormat, attributes: attrs }
  if (node instanceof ZarrGroup)
    return { kind: 'group', ...common, children: isListed ? children.map(described) : null }
  const { shape, chunks, shards, chunkEdges, dtype, fields, fillValue, dimensionNames, codecs } = node
  const array = { shape, chunks, shards, chunkEdges, dtype, fields, fillValue, dimensionNames, codecs }
  return { kind: 'array', ...common, ...array, bytes: sizeOf(node) ?? null }
}

/** JSON has no integers beyond 2⁵³, but its readers may. */
const exact = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value)

function tree(root: Found): string[] {
  const { node, isListed } = root
  const head = `group, Zarr v${node.zarrFormat}`
  const note = isListed
    ? []
    : ['its members are not known: the store has no list of them. Name one to look at it']
  return [head, ...attributes(node.attrs), ...note, ...branches(root, '')]
}

function branches({ children }: Found, indent: string): string[] {
  return children.flatMap((child, at) => {
    const isLast = at === children.length - 1
    const line = `${indent}${isLast ? '└─ ' : '├─ '}${child.name}${summary(child)}`
    return [line, ...branches(child, `${indent}${isLast ? '   ' : '│  '}`)]
  })
}

function summary({ node, isListed }: Found): string {
  if (node instanceof ZarrGroup) return isListed ? '/' : '/  (members not known)'
  const size = sizeOf(node)
  const facts = [
    node.dtype,
    joined(node.shape, '×') || 'scalar',
    ...(node.chunks?.length ? [`chunks ${joined(node.chunks, '×')}`] : []),
    ...(node.shards?.length ? [`shards ${joined(node.shards, '×')}`] : []),
    ...(size === undefined ? [] : [bytes(size)]),
  ]
  return `  ${facts.join('  ')}`
}

function arrayPage(array: ZarrArray): string[] {
  const { shape, chunks, shards, dimensionNames, zarrFormat, fillValue } = array
  const size = sizeOf(array)
  const named = shape.map((extent, axis) => [dimensionNames?.[axis], extent].filter(isThere).join(' '))
  const rows: [string, string | undefined][] = [
    ['data type', array.dtype],
    ['shape', named.join(' × ') || 'scalar'],
    ['chunks', chunks ? extents(shape, chunks) : 'of different shapes'],
    ['shards', shards ? extents(shape, shards) : undefined],
    ['codecs', array.codecs.map(codecText).join(', ')],
    ['fill value', shown(fillValue)],
    ['size', size === undefined ? undefined : `${bytes(size)} when it is decoded`],
  ]
  const lines = rows.flatMap(([name, value]) => (value === undefined ? [] : [`  ${name.padEnd(12)}${value}`]))
  return [`array, Zarr v${zarrFormat}`, ...lines, ...attributes(array.attrs)]
}

const isThere = (value: unknown) => value !== null && value !== undefined

function extents(shape: readonly number[], chunks: readonly number[]): string {
  if (shape.length === 0) return 'one'
  const count = shape.reduce((product, extent, axis) => product * Math.ceil(extent / chunks[axis]), 1)
  return `${joined(chunks)} (${count.toLocaleString('en')} of them)`
}

/** A codec; those within others are as the metadata have them, where a name alone will do. */
function codecText(codec: Partial<Codec> | string): string {
  const { name, configuration = {} } = typeof codec === 'string' ? { name: codec } : codec
  const settings = Object.entries(configuration).map(([key, value]) => {
    const isChain = Array.isArray(value) && key.endsWith('codecs')
    return `${key} ${isChain ? `[${value.map(codecText).join(', ')}]` : shown(value)}`
  })
  return settings.length === 0 ? `${name}` : `${name} (${settings.join(', ')})`
}

const LONGEST = 100

function attributes(attrs: Attributes): string[] {
  const entries = Object.entries(attrs)
  if (entries.length === 0) return []
  const lines = entries.map(([name, value]) => {
    const text = shown(value).replaceAll('\n', ' ')
    return `    ${name}: ${text.length > LONGEST ? `${text.slice(0, LONGEST)} …` : text}`
  })
  return ['  attributes', ...lines]
}
