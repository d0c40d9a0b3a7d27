// Gives the imports of a wasm module names of one or two characters, in the module and in its glue. Those that wasm-bindgen
// makes end in a hash: twice in the download, and nothing that compresses.
import { Failure } from './run.mjs'

const HEADER_LENGTH = 8
const IMPORTS = 2
const FUNCTION = 0

/** The module and the glue, with short names. */
export function withShortImports(module, glue) {
  const names = new Map()
  const shortened = (name) => {
    if (!names.has(name)) names.set(name, `$${names.size.toString(36)}`)
    return names.get(name)
  }
  const sections = []
  for (let at = HEADER_LENGTH; at < module.length; ) {
    const [length, start] = number(module, at + 1)
    const body = module.subarray(start, start + length)
    sections.push(
      module[at] === IMPORTS ? section(renamed(body, shortened)) : module.subarray(at, start + length),
    )
    at = start + length
  }
  const short = [...names].reduce((text, [name, short]) => {
    const key = new RegExp(`^( +)${name}: function`, 'm')
    if (!key.test(text)) throw new Failure(`the glue has no import ${name}`)
    return text.replace(key, (_, indent) => `${indent}${short}: function`)
  }, glue)
  return { module: Buffer.concat([module.subarray(0, HEADER_LENGTH), ...sections]), glue: short }
}

const section = (body) => Buffer.concat([Buffer.of(IMPORTS), encoded(body.length), body])

/** The import section with other names (WebAssembly specification, "Import Section"); modules keep theirs. */
function renamed(body, shortened) {
  const [count, first] = number(body, 0)
  const parts = [encoded(count)]
  let at = first
  for (let index = 0; index < count; index++) {
    const [moduleLength, module] = number(body, at)
    const [nameLength, name] = number(body, module + moduleLength)
    const kind = name + nameLength
    if (body[kind] !== FUNCTION) throw new Failure(`import ${index} is no function`)
    const [, end] = number(body, kind + 1)
    const short = Buffer.from(shortened(body.toString('utf8', name, kind)))
    parts.push(
      body.subarray(at, module + moduleLength),
      encoded(short.length),
      short,
      body.subarray(kind, end),
    )
    at = end
  }
  return Buffer.concat(parts)
}

/** The LEB128 number that stands there, and where it ends. */
function number(bytes, at) {
  let value = 0
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]
    value += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) return [value, at]
  }
}

function encoded(value) {
  const bytes = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest])
    bytes.push((rest % 128) | 0x80)
  }
}
