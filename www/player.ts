// Plays through a dimension: the next index as soon as the slice is there, but not faster than can be watched.
import { markPlaying, placeSlider } from './sliders.js'
import type { View } from './view.js'

const MILLISECONDS_PER_SLICE = 150

export class Player {
  axis: number | undefined
  #timer = 0

  constructor(readonly moved: (view: View) => void) {}

  /** Begins, or ends. */
  toggle(axis: number, view: View): void {
    if (this.axis === axis) {
      this.stop()
      return
    }
    this.axis = axis
    markPlaying(axis)
    this.#next(view, axis)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.axis = undefined
    markPlaying(undefined)
  }

  /** The slice is there. */
  ready(view: View): void {
    const { axis } = this
    if (axis === undefined) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#next(view, axis), MILLISECONDS_PER_SLICE)
  }

  /** The index after the one that is shown, from the last one the first. */
  static following(view: View, axis: number): number {
    return (view.indices[axis] + 1) % view.dimensions[axis].length
  }

  #next(view: View, axis: number): void {
    view.indices[axis] = Player.following(view, axis)
    placeSlider(view, axis)
    this.moved(view)
  }
}
