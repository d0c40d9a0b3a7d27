import { configure, open } from 'zarr-wasm'

/** Where workers do not start, the library says so, and goes on. */
const warnings = []
console.warn = (...values) => warnings.push(values.join(' '))
configure({ workers: 2 })

/** The elements of arrays of integers, by their paths below a URL, and what was warned of. */
export async function read(base, paths) {
  const reading = paths.map(async (path) => {
    const array = await open(`${base}/${path}`, { kind: 'array' })
    return [path, Array.from((await array.get()).data)]
  })
  return { arrays: Object.fromEntries(await Promise.all(reading)), warnings }
}
