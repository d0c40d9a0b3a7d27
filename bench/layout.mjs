// Results in C order, so that what libraries answer can be compared: some keep the order of the chunks.

/** The bytes of a result, `{ data, shape, stride }` with strides in elements, in C order. */
export function bytesInOrder({ data, shape, stride }) {
  const { buffer, byteOffset, byteLength } = isInOrder(shape, stride) ? data : inOrder(data, shape, stride)
  return new Uint8Array(buffer, byteOffset, byteLength)
}

function isInOrder(shape, stride) {
  let expected = 1
  return shape.toReversed().every((extent, i) => {
    const fits = extent === 1 || stride.at(-1 - i) === expected
    expected *= extent
    return fits
  })
}

function inOrder(data, shape, stride) {
  const out = new data.constructor(data.length)
  let at = 0
  const walk = (from, axis) => {
    if (axis === shape.length) {
      out[at++] = data[from]
      return
    }
    for (let index = 0; index < shape[axis]; index++) walk(from + index * stride[axis], axis + 1)
  }
  walk(0, 0)
  return out
}
