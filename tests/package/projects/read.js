import { open } from 'zarr-wasm'

/** The elements of arrays of integers, by their paths below a URL. */
export async function read(base, paths) {
  const reading = paths.map(async (path) => {
    const array = await open(`${base}/${path}`, { kind: 'array' })
    return [path, Array.from((await array.get()).data)]
  })
  return Object.fromEntries(await Promise.all(reading))
}
