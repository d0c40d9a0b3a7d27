// What a framework imports to render pages: a module that must not do anything until it is asked.
import { read } from './read.js'

export async function render(base, paths) {
  if (typeof document !== 'undefined') throw new Error('there is a document')
  return JSON.stringify(await read(base, paths))
}
