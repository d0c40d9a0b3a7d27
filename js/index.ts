/**
 * Reads Zarr arrays: begin with `open`.
 *
 * @module zarr-wasm
 */
export { type GetOptions, type Indexer, type Progress, ZarrArray } from './array.js'
export {
  type CodecAnswer,
  type CodecDefinition,
  type CodecFactory,
  type CodecInfo,
  type CodecKind,
  registerCodec,
} from './codecs.js'
export { configure, stats } from './configure.js'
export type { DataOf, DataTypeName, DataTypeNamed, ResultOf } from './element_types.js'
export { type ErrorCode, type ErrorPlace, ZarrError } from './errors.js'
export type { HeadersSource } from './fetch_transport.js'
export { type Child, type ListOptions, type LoadOptions, ZarrGroup } from './group.js'
export type { IndexList, ShapedList } from './index_arrays.js'
export {
  type ArrayOptions,
  type GroupOptions,
  type Location,
  type MemberOptions,
  type OpenOptions,
  open,
  type RetryOptions,
  type TypedArrayOptions,
} from './open.js'
export type { Plan, PlannedRequest } from './plan.js'
export { Priority } from './priority.js'
export {
  type Coordinates,
  type MaskSelection,
  type OrthogonalEntry,
  type OrthogonalSelection,
  type Selection,
  type SelectionEntry,
  type Slice,
  slice,
} from './selection.js'
export type { Configuration } from './settings.js'
export type { Region } from './stream.js'
export type {
  AsType,
  Attributes,
  AttributeValue,
  Chunk,
  Codec,
  Columns,
  Data,
  DataType,
  Field,
  RangeOptions,
  RangeQuery,
  Scalar,
  Stats,
  Store,
  StoreKind,
  TypedArray,
} from './types.js'
