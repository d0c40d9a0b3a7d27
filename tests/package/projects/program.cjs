// The same in CommonJS.
const { open } = require('zarr-wasm')

async function main([base, ...paths]) {
  const read = {}
  for (const path of paths) {
    const array = await open(`${base}/${path}`, { kind: 'array' })
    read[path] = Array.from((await array.get()).data)
  }
  console.log(JSON.stringify(read))
}

main(process.argv.slice(2))
