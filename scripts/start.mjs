// Builds the library, serves the sample data and the demo page, and reads from them as a program in Node would.
//   node scripts/start.mjs [--once]     --once: ends after the reading
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from './build.mjs'
import { demo } from './demo.mjs'
import { inRoot, main, step } from './run.mjs'
import { serve } from './serve.mjs'
import { setup } from './setup.mjs'

const PORT = 8080
const STORE = 'data/ostia.zarr'
const VARIABLE = 'surface_temperature'
/** A place in the tropical Atlantic (degrees north and east), and how many months of it are shown. */
const PLACE = { latitude: 0, longitude: 340 }
const MONTHS = 6

await main(import.meta, async () => {
  await setup({ tests: false })
  await build()
  await demo()
  const server = await serve({ port: PORT }).catch(() => serve())
  await step(`reading ${server.origin}/${STORE} with the library`, () => read(`${server.origin}/${STORE}`))
  if (process.argv.includes('--once')) return server.close()
  console.log(`\nThe demo page: ${server.origin}/   (Ctrl+C ends)`)
})

async function read(url) {
  const { open, slice, stats } = await import('zarr-wasm')
  const page = (name) => import(pathToFileURL(path.join(inRoot('build/www'), name)).href)
  const { packingOf } = await page('packing.js')
  const { formatDate, timeDecoder } = await page('calendar.js')
  const { formatBytes, formatDuration, formatLatitude, formatLongitude } = await page('format.js')

  const started = performance.now()
  const group = await open(url, { kind: 'group' })
  const member = (name) => group.open(name, { kind: 'array' })
  const array = await member(VARIABLE)
  const axes = await Promise.all(array.dimensionNames.map(member))
  const [time, latitude, longitude] = await Promise.all(axes.map(async (axis) => (await axis.get()).data))
  const y = nearest(latitude, PLACE.latitude)
  const x = nearest(longitude, PLACE.longitude)
  const { data } = await array.get([slice(0, MONTHS), y, x])
  const took = performance.now() - started

  const { unpack } = packingOf(array)
  const date = timeDecoder(axes[0].attrs.units, axes[0].attrs.calendar)
  console.log(`
  variable    ${VARIABLE} (${array.dimensionNames.join(', ')}), ${array.attrs.long_name ?? array.attrs.standard_name}
  shape       ${array.shape.join(' × ')}, chunks of ${array.chunks.join(' × ')}, shards of ${array.shards?.join(' × ')}
  data type   ${array.dtype}, Zarr format ${array.zarrFormat}
  at          ${formatLatitude(latitude[y])} ${formatLongitude(longitude[x])}`)
  data.forEach((value, month) => {
    const when = formatDate(date(Number(time[month])), false)
    console.log(`    ${when.padStart(11)}   ${unpack(value).toFixed(2)} ${array.attrs.units}`)
  })
  const { requests, bytes } = stats()
  console.log(`  read with   ${requests} requests, ${formatBytes(bytes)}, ${formatDuration(took)}\n`)
}

/** The index of the element that is nearest to `wanted`. */
function nearest(values, wanted) {
  const distances = Array.from(values, (value) => Math.abs(value - wanted))
  return distances.indexOf(Math.min(...distances))
}
