// The list of a store's arrays, and the facts of the one that is shown.
import type { ZarrArray } from 'zarr-wasm'
import type { ArrayEntry } from './catalogue.js'
import { byId, element } from './dom.js'
import { formatShape } from './view.js'

const list = byId('arrays', HTMLElement)
const facts = byId('facts', HTMLElement)

export function showArrays(entries: readonly ArrayEntry[], chosen: (path: string) => void): void {
  list.replaceChildren(
    ...entries.map(({ path, shape }) => {
      const name = element('span', { class: 'array-name' }, ...breakable(path || 'this array'))
      const button = element('button', { type: 'button', 'data-path': path }, name, ' ', formatShape(shape))
      button.addEventListener('click', () => chosen(path))
      return element('li', {}, button)
    }),
  )
}

/** A long name may go on in a new line after each of its words. */
function breakable(name: string): (Node | string)[] {
  return name.split(/(?<=[_/])/).flatMap((word) => [word, element('wbr', {})])
}

export function markChosen(path: string): void {
  for (const button of list.querySelectorAll('button')) {
    if (button.dataset.path === path) button.setAttribute('aria-current', 'true')
    else button.removeAttribute('aria-current')
  }
}

export function showFacts(array: ZarrArray | undefined): void {
  if (!array) {
    facts.replaceChildren()
    return
  }
  const rows: [string, string][] = [
    ['Format', `Zarr v${array.zarrFormat}`],
    ['Data type', array.dtype],
    ['Shape', formatShape(array.shape)],
    ['Chunks', array.chunks ? formatShape(array.chunks) : 'of different shapes'],
  ]
  if (array.shards) rows.push(['Shards', formatShape(array.shards)])
  facts.replaceChildren(
    ...rows.map(([name, text]) => element('div', {}, element('dt', {}, name), element('dd', {}, text))),
  )
}
