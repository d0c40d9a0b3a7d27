// The element that is pointed at: its marker on the map, its value and its place as text.
import { byId } from './dom.js'
import { formatWithin } from './format.js'
import { type Frame, sampleAt } from './stage.js'
import { unitsOf } from './units.js'

/** An element of the plane, as it lies in the array. */
export interface Element {
  row: number
  column: number
}

const HINT = 'Point at the map, tap it, or focus it and use the arrow keys.'

const marker = byId('marker', HTMLElement)
const box = byId('readout', HTMLOutputElement)
const valueText = byId('value', HTMLElement)
const placeText = byId('place', HTMLElement)

export function showNothing(hint = HINT): void {
  delete box.dataset.value
  delete box.dataset.index
  valueText.textContent = ''
  placeText.textContent = hint
  marker.hidden = true
}

/** The value that is drawn at an element; every second, third … stands for those up to the next where not all are read. */
export function showValue(frame: Frame, focus: Element, inCelsius: boolean): void {
  const sample = sampleAt(frame, focus.row, focus.column)
  if (!sample) {
    showNothing('Reading…')
    return
  }
  const { plane, range } = frame
  const { array, packing } = plane.view
  const { cells, block } = sample.tile
  const place = {
    row: Math.floor(focus.row / cells.rowStep) * cells.rowStep,
    column: Math.floor(focus.column / cells.columnStep) * cells.columnStep,
  }
  const index = plane.indexOf(place.row, place.column)
  const value = block.values[sample.at]
  const units = unitsOf(array.attrs.units, inCelsius)
  // In the array's own units and to the last digit, whatever the text is rounded or converted to.
  const exact = String(packing.identity && !Number.isNaN(value) ? block.stored[sample.at] : value)
  box.dataset.value = exact
  box.dataset.index = index.join()
  if (Number.isNaN(value)) setText(valueText, 'no data')
  else {
    const converted = units.convert(value)
    const text = Number.isInteger(converted) ? exact : formatWithin(converted, range.high - range.low)
    setText(valueText, `${text} ${units.name}`.trim())
  }
  const places = [plane.vertical, plane.horizontal].map(
    (dimension, i) => dimension?.values && dimension.describe(i === 0 ? place.row : place.column),
  )
  const at = places.filter((text) => text !== undefined).join(', ')
  setText(placeText, [at, `element [${index.join(', ')}]`].filter(Boolean).join(' · '))
  mark(frame, place, cells.rowStep, cells.columnStep)
}

/** Only what is new is said by a screen reader. */
function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

function mark({ plane, window }: Frame, { row, column }: Element, rowStep: number, columnStep: number): void {
  const { rows, columns } = plane.grid
  const height = Math.min(rowStep, rows - row)
  const width = Math.min(columnStep, columns - column)
  const top = plane.isDrawnUpwards ? rows - row - height : row
  marker.hidden = false
  marker.style.left = `${((column - window.left) / window.width) * 100}%`
  marker.style.top = `${((top - window.top) / window.height) * 100}%`
  marker.style.width = `${(width / window.width) * 100}%`
  marker.style.height = `${(height / window.height) * 100}%`
}
