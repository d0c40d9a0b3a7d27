/** C-order strides in elements. */
export function strides(shape: readonly number[]): number[] {
  const stride = new Array<number>(shape.length).fill(1)
  for (let axis = shape.length - 2; axis >= 0; axis--) stride[axis] = stride[axis + 1] * shape[axis + 1]
  return stride
}
