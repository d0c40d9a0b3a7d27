// What the compiler knows of results: by the data type of the array, where that is known, and by `as`.
import { type Columns, type Data, type DataOf, open, type TypedArray, type ZarrArray, type ZarrGroup } from 'zarr-wasm'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : never

const store = new Map<string, Uint8Array>()

const unknown = await open(store, { kind: 'array' })
const floats = await open(store, { kind: 'array', dtype: 'float32' })
const times = await open(store, { dtype: 'datetime64' })
const group = await open(store, { kind: 'group' })
const texts = await group.open('names', { kind: 'array', dtype: 'string' })

export const opened: [
  Same<typeof unknown, ZarrArray>,
  Same<typeof floats, ZarrArray<'float32'>>,
  Same<typeof times, ZarrArray<`datetime64${string}`>>,
  Same<typeof group, ZarrGroup>,
  Same<typeof texts, ZarrArray<'string'>>,
  Same<(typeof floats)['dtype'], 'float32'>,
] = [true, true, true, true, true, true]

const whatever = await unknown.get()
const float = await floats.get([0, null])
const orthogonal = await floats.oindex.get([[1, 2]])
const points = await times.vindex.get([[1, 2]])
const block = await texts.blocks.get([0])
const numbers = await floats.get(null, { as: 'float64' })
const anything = await unknown.get(null, { as: 'int16', round: true })
const aborted = await floats.get(null, { signal: AbortSignal.timeout(1), priority: 1 })
const loaded = await group.load({ a: null, b: [0] }, { as: 'float64' })
const regions = floats.stream([0])

export const read: [
  Same<typeof whatever.data, Data>,
  Same<typeof float.data, Float32Array>,
  Same<typeof orthogonal.data, Float32Array>,
  Same<typeof points.data, BigInt64Array>,
  Same<typeof block.data, string[]>,
  Same<typeof numbers.data, Float64Array>,
  Same<typeof anything.data, Int16Array>,
  Same<typeof aborted.data, Float32Array>,
  Same<typeof loaded.a.data, Float64Array>,
] = [true, true, true, true, true, true, true, true, true]

for await (const { data, offset } of regions) {
  const same: [Same<typeof data, Float32Array>, Same<typeof offset, number[]>] = [true, true]
  console.log(same)
}

export const held: [
  Same<DataOf<'bool'>, Uint8Array>,
  Same<DataOf<'int4'>, Int8Array>,
  Same<DataOf<'uint64'>, BigUint64Array>,
  Same<DataOf<'float16'>, Float32Array>,
  Same<DataOf<'float8_e4m3'>, Float32Array>,
  Same<DataOf<'complex128'>, Float64Array>,
  Same<DataOf<'complex_bfloat16'>, Float32Array>,
  Same<DataOf<'timedelta64[s]'>, BigInt64Array>,
  Same<DataOf<'fixed_length_utf32[20]'>, string[]>,
  Same<DataOf<'null_terminated_bytes[2]'>, string[]>,
  Same<DataOf<'bytes'>, Uint8Array[]>,
  Same<DataOf<'raw_bytes[3]'>, Uint8Array>,
  Same<DataOf<'list[int8]'>, TypedArray[]>,
  Same<DataOf<'object'>, unknown[]>,
  Same<DataOf<'struct'>, Columns>,
  Same<DataOf<'int8' | 'uint8'>, Int8Array | Uint8Array>,
] = [true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true]

export async function narrowed(array: ZarrArray): Promise<number | bigint | string> {
  if (array.is('float32')) {
    const { data } = await array.get()
    const same: Same<typeof data, Float32Array> = true
    return same && data[0]
  }
  if (array.is('datetime64')) return (await array.get()).data[0]
  if (array.is('int64') || array.is('uint64')) return (await array.get()).data[0]
  if (array.is('fixed_length_utf32')) return (await array.get()).data[0]
  return (await array.get(null, { as: 'float64' })).data[0]
}

/** What is known of an array may be forgotten, not made up. */
export const forgotten: ZarrArray = floats
// @ts-expect-error: it may be of another type
export const madeUp: ZarrArray<'float32'> = unknown
// @ts-expect-error: it is a Float32Array
export const wrong: Int8Array = float.data
// @ts-expect-error: there is no such data type
await open(store, { kind: 'array', dtype: 'float31' })
// @ts-expect-error: nor here
unknown.is('floats')
// @ts-expect-error: the result is a Float32Array
await floats.get(null, { out: new Int8Array(3) })
// @ts-expect-error: with this it is a Float64Array
await floats.get(null, { as: 'float64', out: new Float32Array(3) })
// @ts-expect-error: texts are put nowhere
await texts.get(null, { out: new Float32Array(3) })
// @ts-expect-error: nothing can be had as this
await floats.get(null, { as: 'float16' })
await floats.get(null, { out: new Float32Array(new SharedArrayBuffer(8)) })
