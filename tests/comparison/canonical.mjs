// The bytes that results are compared by: the same that data_types.py makes of what zarr-python reads.

/** `type` as data_types.py describes it; `data` of a result of `count` elements. */
export function canonical(type, data, count) {
  switch (type.kind) {
    case 'number':
      expect(data?.constructor?.name === type.data, `${named(data)}, expected a ${type.data}`)
      expect(data.length === count * type.parts, `${data.length} numbers, expected ${count * type.parts}`)
      return bytesOf(data)
    case 'raw':
      return raw(data, type.size, count)
    case 'struct':
      return Buffer.concat(
        type.fields.map(([name, field]) => {
          expect(data?.[name] !== undefined, `no field ${name}`)
          return canonical(field, data[name], count * (field.count ?? 1))
        }),
      )
    default:
      return prefixed(
        items(data, count).map((item) => (type.kind === 'string' ? text(item) : byteString(item))),
      )
  }
}

function raw(data, size, count) {
  const bytes = data instanceof Uint8Array ? data : Buffer.concat(items(data, count).map(bytesOf))
  expect(bytes.length === count * size, `${bytes.length} bytes, expected ${count * size}`)
  return bytes
}

function items(data, count) {
  expect(Array.isArray(data), `${named(data)}, expected an array`)
  expect(data.length === count, `${data.length} items, expected ${count}`)
  return data
}

function text(item) {
  expect(typeof item === 'string', `an item is ${named(item)}, expected a string`)
  return Buffer.from(item)
}

const byteString = (item) => (typeof item === 'string' ? Buffer.from(item) : bytesOf(item))

function bytesOf(view) {
  expect(ArrayBuffer.isView(view), `an item is ${named(view)}, expected a typed array`)
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength)
}

function prefixed(parts) {
  return Buffer.concat(
    parts.flatMap((part) => {
      const length = Buffer.alloc(4)
      length.writeUInt32LE(part.length)
      return [length, part]
    }),
  )
}

const named = (value) => value?.constructor?.name ?? String(value)

function expect(holds, message) {
  if (!holds) throw new Error(`data: ${message}`)
}
