// The picture is read in tiles. Each axis is divided by itself:
// 1. the step: the smallest power of two for which an element that is read takes a pixel of the screen or more;
// 2. cells: the elements 0, step, 2·step, …; a cell stands for the elements up to the next;
// 3. tiles: whole chunks, about 128 cells of them, so that no two tiles share a chunk; only chunks of more than 512
//    cells are divided.

export interface Level {
  rowStep: number
  columnStep: number
}

/** A rectangle of cells, half-open. */
export interface Cells extends Level {
  top: number
  bottom: number
  left: number
  right: number
}

/** Of the array, in elements; not always whole. */
export interface Region {
  top: number
  bottom: number
  left: number
  right: number
}

/** Extents of the slice and of its chunks. */
export interface Grid {
  rows: number
  columns: number
  chunkRows: number
  chunkColumns: number
}

const CELLS_ALONG_TILE = 128

/** For a part of an axis that is drawn on so many pixels. */
export function stepFor(elements: number, pixels: number): number {
  return 2 ** Math.max(0, Math.ceil(Math.log2(elements / Math.max(1, pixels))))
}

/** The tiles that a region touches; what is near its middle comes first. */
export function tilesWithin(grid: Grid, level: Level, region: Region): Cells[] {
  const down = partsWithin(grid.rows, grid.chunkRows, level.rowStep, region.top, region.bottom)
  const across = partsWithin(grid.columns, grid.chunkColumns, level.columnStep, region.left, region.right)
  const tiles = down.flatMap(([top, bottom]) =>
    across.map(([left, right]) => ({ ...level, top, bottom, left, right })),
  )
  const distance = ({ top, bottom, left, right }: Cells) =>
    Math.hypot(
      ((top + bottom) * level.rowStep - region.top - region.bottom) / (region.bottom - region.top),
      ((left + right) * level.columnStep - region.left - region.right) / (region.right - region.left),
    )
  return tiles.sort((a, b) => distance(a) - distance(b))
}

function partsWithin(
  length: number,
  chunk: number,
  step: number,
  start: number,
  stop: number,
): [from: number, to: number][] {
  const extent = extentOfTile(chunk, step)
  const first = Math.max(0, Math.floor(start / extent))
  const last = Math.min(Math.ceil(length / extent), Math.ceil(stop / extent))
  const parts: [number, number][] = []
  for (let at = first; at < last; at++) {
    const from = Math.ceil((at * extent) / step)
    const to = Math.ceil(Math.min((at + 1) * extent, length) / step)
    if (to > from) parts.push([from, to])
  }
  return parts
}

function extentOfTile(chunk: number, step: number): number {
  const wanted = CELLS_ALONG_TILE * step
  if (chunk > 4 * wanted) return 2 * wanted
  return chunk * Math.max(1, Math.round(wanted / chunk))
}
