// What `--help` says.
import type { Command } from './options.js'

const STORES = `
Where it is:
  a URL                  https://host/store.zarr/temperature
  a public bucket        s3://bucket/store.zarr, gs://bucket/store.zarr
  a file or folder       data/store.zarr; any of these may be an archive (.zarr.zip, .ozx) or references (.json, .parq)
      --store KIND       where the name does not say it: directory, zip or reference
  -p, --path PATH        the node within the store
  -H, --header TEXT      a header for every request, as "authorization: Bearer …"; may be given again
      --endpoint ORIGIN  an S3-compatible server, for s3: URLs
      --missing STATUS   also this status means that there is no such object: 403 for many buckets
      --concurrency N    requests at once; without it, as many as turn out to be of use`

const OUTPUT = `
      --json             for programs: JSON on standard output, errors as JSON on standard error
  -q, --quiet            no progress bar
  -h, --help             this text`

const SELECTIONS = `
What is selected, as in NumPy, one entry for each dimension:
  '[0, 10:20, :]'        the first, then the elements 10 to 19, then all
  '[-1, ::2]'            the last, then every other one; dimensions that are left out are taken whole
  '[..., 5]'             whatever there is, and the 5 of the last dimension
  '[[3, 1], 0:2]'        a list of indices
  Without a selection it is all of the array. Quote it: shells have a use for brackets.`

export const OVERVIEW = `zarr-wasm looks into Zarr stores (v2 and v3), over HTTP, in buckets and in files, and reads from them.

  zarr-wasm info  <place>               what is there: arrays, shapes, chunks, codecs, attributes
  zarr-wasm get   <place> [selection]   reads a part of an array, as npy, raw bytes, CSV or JSON
  zarr-wasm plan  <place> [selection]   what reading it would request, without reading it
  zarr-wasm bench <place> [selection]   how fast this store is over this network

  zarr-wasm <command> --help          more about a command
  zarr-wasm --version

A first look at a store, then at an array of it, then a few of its numbers:

  npx zarr-wasm info https://host/store.zarr
  npx zarr-wasm info https://host/store.zarr/temperature
  npx zarr-wasm get  https://host/store.zarr/temperature '[0, 10:20, :]' --out part.npy

Exit codes: 0 it worked, 1 it failed (the network, the store, damaged data), 2 it was asked wrongly, 3 there is nothing at
that place, 4 it is there but not supported, 130 it was interrupted.`

const TEXTS: Record<Command, string> = {
  info: `zarr-wasm info <place>

Says what is at a place. Of a group: its attributes and everything below it, if it has consolidated metadata or its store
can be listed. Of an array: data type, shape, chunks, codecs, attributes, and how large it is when it is decoded.

  npx zarr-wasm info https://host/store.zarr
  npx zarr-wasm info s3://bucket/store.zarr/temperature --json

      --depth N          not more than N levels of the tree
${STORES}
${OUTPUT}`,
  get: `zarr-wasm get <place> [selection]

Reads a part of an array and writes it to standard output or a file.

  npx zarr-wasm get https://host/store.zarr/time
  npx zarr-wasm get https://host/store.zarr/temperature '[0, 10:20, :]' --format csv
  npx zarr-wasm get https://host/store.zarr/temperature '[0]' --out first.npy      # numpy.load('first.npy')

  -o, --out FILE         into a file, whose ending says the format: .npy, .csv, .json, .raw or .bin
  -f, --format FORMAT    npy, raw (the numbers as they lie in memory, little-endian), csv or json; the default is json
      --as TYPE          numbers in another type, int8 … float64; one that it does not hold is an error
${SELECTIONS}

CSV has a line for each row of the last dimension; from three dimensions on, the indices of the others stand before it.
In CSV and JSON times are integers, in the unit of their data type (datetime64 since 1970), and complex numbers are pairs,
real and imaginary part: [1.5, -2]. Both are for at most 2^24 numbers or texts.
${STORES}
${OUTPUT}`,
  plan: `zarr-wasm plan <place> [selection]

Says what reading a part of an array would request: keys, ranges, and how many chunks are in them. Only the metadata are
read. The index of a shard is requested first; which parts of the shard are requested then is not known before.

  npx zarr-wasm plan https://host/store.zarr/temperature '[0, 10:20, :]'
${SELECTIONS}
${STORES}
${OUTPUT}`,
  bench: `zarr-wasm bench <place> [selection]

Reads a part of an array several times, and says how long it takes: opening, requests, bytes received, and bytes decoded per
second. Without a selection it is a corner of the array of about 64 MiB, in whole chunks.

  npx zarr-wasm bench https://host/store.zarr/temperature
  npx zarr-wasm bench https://host/store.zarr/temperature '[0]' --repeat 10 --concurrency 32

      --repeat N         how often it is read; the default is 3
${SELECTIONS}
${STORES}
${OUTPUT}`,
}

export const isCommand = (name: string): name is Command => name in TEXTS

export const helpOf = (command: Command): string => TEXTS[command]
