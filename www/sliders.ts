// The dimensions: two are drawn, which ones can be chosen; each other one has a slider, whose text is what stands at its
// index, such as a date, and a button that plays through it.
import { byId, element } from './dom.js'
import type { View } from './view.js'

export interface Controls {
  /** An index of the view has changed. */
  moved(): void
  /** The view has other axes: the controls are to be shown anew. */
  turned(): void
  /** The button was pressed. */
  play(axis: number): void
}

const axesBox = byId('axes', HTMLElement)
const sliders = byId('sliders', HTMLElement)

export function showControls(view: View | undefined, controls: Controls): void {
  axesBox.replaceChildren(...(view && view.dimensions.length > 1 ? axisChoices(view, controls) : []))
  sliders.replaceChildren(...(view?.leading ?? []).map((axis) => slider(view as View, axis, controls)))
}

/** Puts a slider where the view's index is. */
export function placeSlider(view: View, axis: number): void {
  const input = sliders.querySelector<HTMLInputElement>(`#slider-${axis}`)
  if (!input) return
  input.value = String(view.indices[axis])
  describe(view, axis, input)
}

/** Shows which axis is played through, if one is. */
export function markPlaying(playing: number | undefined): void {
  for (const button of sliders.querySelectorAll<HTMLButtonElement>('.play')) {
    const isPlaying = Number(button.dataset.axis) === playing
    button.setAttribute('aria-pressed', String(isPlaying))
  }
}

function axisChoices(view: View, controls: Controls): HTMLElement[] {
  return (['down', 'across'] as const).map((direction) => {
    const id = `axis-${direction}`
    const choice = element('select', { id })
    view.dimensions.forEach(({ name }, axis) => {
      choice.add(new Option(name.replaceAll('_', ' '), String(axis), false, axis === view[direction]))
    })
    choice.addEventListener('change', () => {
      view.turn(direction, Number(choice.value))
      controls.turned()
      byId(id, HTMLSelectElement).focus()
    })
    const name = direction === 'down' ? 'Down' : 'Across'
    return element('span', { class: 'axis-choice' }, element('label', { for: id }, name), choice)
  })
}

function slider(view: View, axis: number, controls: Controls): HTMLElement {
  const { title, length } = view.dimensions[axis]
  const id = `slider-${axis}`
  const last = length - 1
  const input = element('input', { id, type: 'range', min: '0', max: String(last), step: '1' })
  input.disabled = last === 0
  const play = element('button', {
    type: 'button',
    class: 'play',
    'data-axis': String(axis),
    'aria-label': `Play through ${title}`,
    'aria-pressed': 'false',
  })
  play.disabled = last === 0
  play.addEventListener('click', () => controls.play(axis))
  // While it plays, nobody can listen to all of them.
  const text = element('output', { for: id, class: 'slider-value', 'aria-live': 'off' })
  const position = element('span', { class: 'slider-position' })
  const row = element(
    'div',
    { class: 'slider' },
    play,
    element('label', { for: id }, title),
    input,
    text,
    position,
  )
  input.addEventListener('input', () => {
    view.indices[axis] = input.valueAsNumber
    describe(view, axis, input)
    controls.moved()
  })
  input.value = String(view.indices[axis])
  describe(view, axis, input)
  return row
}

function describe(view: View, axis: number, input: HTMLInputElement): void {
  const dimension = view.dimensions[axis]
  const index = view.indices[axis]
  const row = input.parentElement
  const text = dimension.label(index)
  input.setAttribute('aria-valuetext', text)
  for (const [name, content] of [
    ['.slider-value', text],
    ['.slider-position', `${index + 1} of ${dimension.length}`],
  ]) {
    const shown = row?.querySelector(name)
    if (shown) shown.textContent = content
  }
}
