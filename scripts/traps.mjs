// Makes every panic of a wasm module a bare trap. With `panic = "abort"` it ends in one anyway, and on this target nobody
// ever sees its message; but the code that puts it together, and the names of the source files that it would give, are a
// twentieth of what is downloaded.
// 1. The library functions that panic do nothing but trap, so that wasm-opt can leave away what is passed to them.
// 2. The source locations among the data (`core::panic::Location`) are zeros, which wasm-opt leaves away, too.
import binaryen from 'binaryen'
import { Failure } from './run.mjs'

/** Of `core` and `alloc`, demangled or not, and all of type `!`: the first one is a module of functions. */
const PANICS =
  /core(?:\[\w+\])?(?:::)?\d*panicking(?:::|\d)|(?:core|alloc).*(?:slice_error_fail|slice_index_fail|len_mismatch_fail|unwrap_failed|expect_failed|assert_failed|panic_already|panic_poisoned|panic_on_ord_violation|capacity_overflow|handle_alloc_error)/

/** The module without messages of panics; it must have names. */
export function withBareTraps(bytes) {
  const module = binaryen.readBinary(bytes)
  const functions = Array.from({ length: module.getNumFunctions() }, (_, at) =>
    binaryen.getFunctionInfo(module.getFunctionByIndex(at)),
  )
  const panics = functions.filter(({ name, results }) => PANICS.test(name) && results === binaryen.none)
  if (panics.length === 0) throw new Failure('no function of the module has the name of one that panics')
  for (const { name, params, results } of panics) {
    module.removeFunction(name)
    module.addFunction(name, params, results, [], module.unreachable())
  }
  const trapping = Buffer.from(module.emitBinary())
  blankLocations(module, trapping)
  module.dispose()
  return trapping
}

/** Pointer to the file name, its length, line, column: u32 each, which is also how they are aligned. */
const LOCATION_LENGTH = 16
const FILE_NAME = /^[\w./-]+\.rs$/
const MAX_FILE_NAME = 300

/** Fills the source locations in the data of a module with zeros, and the names to which they point. */
function blankLocations(module, bytes) {
  const segments = Array.from({ length: module.getNumDataSegments() }, (_, at) => {
    const { offset, data } = module.getDataSegmentInfo(module.getDataSegmentByIndex(at))
    const from = Buffer.from(data)
    return { offset, from, to: bytes.subarray(bytes.indexOf(from)).subarray(0, from.length) }
  })
  for (const { offset, from, to } of segments) {
    for (let at = -offset & 3; at + LOCATION_LENGTH <= from.length; at += 4) {
      const [address, length] = [from.readUInt32LE(at), from.readUInt32LE(at + 4)]
      const holder = segments.find(
        (other) => address >= other.offset && address - other.offset < other.from.length,
      )
      if (holder === undefined || length > MAX_FILE_NAME) continue
      const start = address - holder.offset
      if (!FILE_NAME.test(holder.from.toString('latin1', start, start + length))) continue
      to.fill(0, at, at + LOCATION_LENGTH)
      holder.to.fill(0, start, start + length)
    }
  }
}
