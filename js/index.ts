export { type GetOptions, ZarrArray } from './array.js'
export { type Configuration, configure, stats } from './configure.js'
export { type ErrorCode, type ErrorPlace, ZarrError } from './errors.js'
export { ZarrGroup } from './group.js'
export { type OpenOptions, open } from './open.js'
export { type Selection, type SelectionEntry, type Slice, slice } from './selection.js'
export type {
  Attributes,
  AttributeValue,
  Chunk,
  DataType,
  RangeOptions,
  RangeQuery,
  Scalar,
  Stats,
  Store,
  TypedArray,
} from './types.js'
