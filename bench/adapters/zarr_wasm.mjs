// This repository's library, as `npm run build` leaves it.
const inNode = globalThis.process?.versions?.node !== undefined
const { open } = await import(inNode ? '../../dist/node.js' : `${location.origin}/dist/browser.js`)

export async function read(url, selection) {
  return (await open(url, { kind: 'array' })).get(selection)
}
