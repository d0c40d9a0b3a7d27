// A slider for every leading dimension; its text is what stands at the index, such as a date.
import { element } from './dom.js'
import type { View } from './view.js'

/** `moved` is called after an index of the view has changed. */
export function showSliders(parent: HTMLElement, view: View, moved: () => void): void {
  parent.replaceChildren(
    ...view.leading.map((dimension, axis) => {
      const id = `slider-${axis}`
      const last = dimension.length - 1
      const input = element('input', {
        id,
        type: 'range',
        min: '0',
        max: String(last),
        step: '1',
        value: '0',
      })
      input.disabled = last === 0
      const text = element('output', { for: id, class: 'slider-value' })
      const position = element('span', { class: 'slider-position' })
      const describe = () => {
        const index = input.valueAsNumber
        text.value = dimension.label(index)
        position.textContent = `${index + 1} of ${dimension.length}`
        input.setAttribute('aria-valuetext', text.value)
      }
      input.addEventListener('input', () => {
        view.indices[axis] = input.valueAsNumber
        describe()
        moved()
      })
      describe()
      return element(
        'div',
        { class: 'slider' },
        element('label', { for: id }, dimension.title),
        input,
        text,
        position,
      )
    }),
  )
}
