// Deflated bytes (RFC 1951), by the platform. What comes out is counted as it comes: no more is kept than was promised.
import { failure } from './source.js'

/** Together, objects that are being inflated may have this many bytes; a single one may have more. */
const MAX_AT_ONCE = 128 << 20

let busy = 0
let waiting: (() => void)[] = []

/** The bytes, of which there must be exactly `length`. */
export async function inflated(
  bytes: Uint8Array<ArrayBuffer>,
  length: number,
  name: string,
): Promise<Uint8Array> {
  while (busy > 0 && busy + length > MAX_AT_ONCE) await new Promise<void>((go) => waiting.push(go))
  busy += length
  try {
    return await inflatedNow(bytes, length, name)
  } finally {
    busy -= length
    const woken = waiting
    waiting = []
    for (const go of woken) go()
  }
}

async function inflatedNow(
  bytes: Uint8Array<ArrayBuffer>,
  length: number,
  name: string,
): Promise<Uint8Array> {
  if (typeof DecompressionStream === 'undefined')
    throw failure(
      'unsupported',
      `${name} is deflated, which this platform cannot read: it has no DecompressionStream`,
    )
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'))
  const reader = stream.getReader()
  let whole = new Uint8Array(Math.min(length, 4 * bytes.length))
  let count = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      if (count + value.length > length)
        throw failure(
          'corrupt-chunk',
          `${name} inflates to more than the ${length} bytes that it should have`,
        )
      if (count + value.length > whole.length) {
        const larger = new Uint8Array(Math.min(length, Math.max(2 * whole.length, count + value.length)))
        larger.set(whole.subarray(0, count))
        whole = larger
      }
      whole.set(value, count)
      count += value.length
    }
  } catch (thrown) {
    await reader.cancel().catch(() => undefined)
    if (typeof thrown === 'object' && thrown !== null && 'zarrError' in thrown) throw thrown
    throw failure('corrupt-chunk', `${name} is not validly deflated`, {}, thrown)
  }
  if (count === length) return whole.subarray(0, count)
  throw failure('corrupt-chunk', `${name} inflates to ${count} bytes, expected ${length}`)
}
