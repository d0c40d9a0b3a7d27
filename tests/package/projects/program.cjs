// The same in CommonJS.
const { configure, open } = require('zarr-wasm')

const warnings = []
console.warn = (...values) => warnings.push(values.join(' '))
configure({ workers: 2 })

async function main([base, ...paths]) {
  const arrays = {}
  for (const path of paths) {
    const array = await open(`${base}/${path}`, { kind: 'array' })
    arrays[path] = Array.from((await array.get()).data)
  }
  console.log(JSON.stringify({ arrays, warnings }))
}

main(process.argv.slice(2))
