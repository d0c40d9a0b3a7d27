// What pointers, wheel and keys do on the map.
//
// A mouse that moves points, one that drags moves the map, a wheel zooms. One finger points or, further in, moves the map,
// two zoom. Arrows move what is pointed at and the map with it, with Shift by much; + and - zoom, 0 shows all.

/** Parts of the frame, 0…1 from its left and its top. */
export interface Point {
  across: number
  down: number
}

export interface Gestures {
  point(at: Point): void
  /** By parts of the frame, as the pointer went. */
  drag(by: Point): void
  zoom(factor: number, at?: Point): void
  /** Whether there is more than the window shows; where not, the page scrolls. */
  isZoomed(): boolean
  step(right: number, down: number, isFar: boolean): void
  showAll(): void
  forget(): void
  play(): void
}

const ZOOM_STEP = 1.5
const WHEEL_PIXELS_PER_STEP = 240
/** Pixels that a pointer may move while it is pressed and not yet drags. */
const STILL = 4

const ARROWS: Record<string, readonly [right: number, down: number]> = {
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
}

export function followPointers(map: HTMLElement, gestures: Gestures): void {
  const pressed = new Map<number, PointerEvent>()
  let isDragging = false
  const pointOf = ({ clientX, clientY }: MouseEvent): Point => {
    const box = map.getBoundingClientRect()
    return { across: (clientX - box.left) / box.width, down: (clientY - box.top) / box.height }
  }

  map.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return
    pressed.set(event.pointerId, event)
    isDragging = pressed.size > 1
    gestures.point(pointOf(event))
  })
  map.addEventListener('pointermove', (event) => {
    const before = pressed.get(event.pointerId)
    if (!before) {
      gestures.point(pointOf(event))
      return
    }
    if (distance(before, event) < STILL && !isDragging) return
    if (!isDragging) map.setPointerCapture(event.pointerId)
    isDragging = true
    const [from, to] = [pointOf(before), pointOf(event)]
    const [other] = [...pressed].filter(([id]) => id !== event.pointerId).map(([, last]) => last)
    if (other) gestures.zoom(distance(event, other) / Math.max(1, distance(before, other)), pointOf(other))
    else if (gestures.isZoomed())
      gestures.drag({ across: to.across - from.across, down: to.down - from.down })
    else gestures.point(to)
    pressed.set(event.pointerId, event)
  })
  for (const end of ['pointerup', 'pointercancel', 'pointerleave'] as const) {
    map.addEventListener(end, ({ pointerId }) => {
      pressed.delete(pointerId)
      isDragging = pressed.size > 0
    })
  }
  map.addEventListener(
    'wheel',
    (event) => {
      // A page that can be scrolled is, where zooming out has come to its end.
      if (event.deltaY > 0 && !gestures.isZoomed()) return
      event.preventDefault()
      const pixels = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * 40
      gestures.zoom(ZOOM_STEP ** (-pixels / WHEEL_PIXELS_PER_STEP), pointOf(event))
    },
    { passive: false },
  )
  map.addEventListener('dblclick', (event) => gestures.zoom(ZOOM_STEP ** 2, pointOf(event)))
  map.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (press(event, gestures)) event.preventDefault()
  })
}

/** By buttons, about what is pointed at. */
export const zoomIn = (gestures: Gestures) => gestures.zoom(ZOOM_STEP)
export const zoomOut = (gestures: Gestures) => gestures.zoom(1 / ZOOM_STEP)

function press({ key, shiftKey }: KeyboardEvent, gestures: Gestures): boolean {
  const arrow = ARROWS[key]
  if (arrow) gestures.step(...arrow, shiftKey)
  else if (key === '+' || key === '=') zoomIn(gestures)
  else if (key === '-' || key === '_') zoomOut(gestures)
  else if (key === '0') gestures.showAll()
  else if (key === 'Escape') gestures.forget()
  else if (key === ' ') gestures.play()
  else return false
  return true
}

const distance = (a: MouseEvent, b: MouseEvent) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY)
