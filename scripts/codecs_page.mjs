// Writes docs/codecs.md: a line for each codec of the registry, then what the head of its file says; and the tables of
// codecs in README.md.
//   node scripts/codecs_page.mjs [--check]
// With --check it only compares, and fails where what is committed is not what the registry says.
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { Failure, inRoot, main } from './run.mjs'

const PAGE = 'docs/codecs.md'
const README = 'README.md'

const REGISTRIES = [
  ['src/codec/registry.rs', 'main'],
  ['src/codec/rare.rs', 'rare'],
]

/** A match arm: the names, and what is made for them. */
const ARM = /^ {8}((?:"[^"]+"(?: \| )?)+) => (\{[\s\S]*?^ {8}\}|.*)$/gm

const KINDS = {
  ArrayToArray: 'array → array',
  ArrayToBytes: 'array → bytes',
  BytesToBytes: 'bytes → bytes',
}

const HEAD = `# What is read

Made by \`npm run docs\` from the registries of codecs (\`src/codec/registry.rs\`, \`src/codec/rare.rs\`) and the heads of the
codecs' files. The ids of Zarr v2 are the names after \`numcodecs.\`. Codecs marked *rare* are in a second wasm only, which
is loaded when the first array that uses one is opened. \`pickle\` is refused, always.

| codec | kind | wasm | what it is |
|---|---|---|---|
`

/** What stands around the tables in README.md. */
const TABLES = /(?<=^<!-- codecs: made by `npm run docs` -->\n)[\s\S]*?(?=^<!-- codecs: until here -->\n)/m

const NUMCODECS = 'numcodecs.'

/** The codecs as the registries have them, in their order. */
function allCodecs() {
  const codecs = REGISTRIES.flatMap(([file, wasm]) => codecsOf(readFileSync(inRoot(file), 'utf8'), wasm))
  if (codecs.length < 30) throw new Failure(`only ${codecs.length} codecs were found in the registries`)
  return codecs
}

/** The page as the sources have it. */
function codecsPage(codecs) {
  const rows = codecs.map(
    ({ names, kind, wasm, module }) =>
      `| ${quoted(names)} | ${kind} | ${wasm} | ${head(module)[0].replaceAll('|', '\\|').replaceAll('\n', ' ')} |\n`,
  )
  const modules = [...new Set(codecs.map(({ module }) => module))]
  return HEAD + rows.join('') + modules.map(section).join('')
}

/** README.md, with a table for each wasm: a row for each kind, the names of Zarr v3 beside those of numcodecs. */
function readme(text, codecs) {
  if (!TABLES.test(text)) throw new Failure(`${README} has no place for the tables of codecs`)
  const tables = REGISTRIES.map(([, wasm]) => {
    const rows = Object.values(KINDS).map((kind) => {
      const names = codecs
        .filter((codec) => codec.wasm === wasm && codec.kind === kind)
        .flatMap(({ names }) => names)
      const ofNumcodecs = names.filter((name) => name.startsWith(NUMCODECS))
      const others = names.filter((name) => !ofNumcodecs.includes(name))
      return `| ${kind} | ${quoted(others)} | ${quoted(ofNumcodecs.map((name) => name.slice(NUMCODECS.length)))} |\n`
    })
    return `| ${TITLES[wasm]} | Zarr v3 | numcodecs |\n|---|---|---|\n${rows.join('')}`
  })
  return text.replace(TABLES, () => `\n${tables.join('\n')}\n`)
}

const TITLES = { main: 'at once', rare: 'when needed' }

const quoted = (names) => names.map((name) => `\`${name}\``).join(', ')

function codecsOf(source, wasm) {
  const modules = new Map(uses(source))
  return [...source.matchAll(ARM)]
    .filter(([, names]) => !names.includes('test.'))
    .map(([, names, made]) => {
      const [, kind] = made.match(/Codec::(ArrayToArray|ArrayToBytes|BytesToBytes)\(/)
      const [, type] = made.match(/Box::new\(([A-Za-z]\w*)/)
      const module = modules.get(type)
      if (!module) throw new Failure(`${names}: ${type} is not imported from a codec's file`)
      return {
        names: Array.from(names.matchAll(/"([^"]+)"/g), ([, name]) => name),
        kind: KINDS[kind],
        wasm,
        module,
      }
    })
}

const section = (module) => `\n## ${module.split('/').slice(1).join('/')}\n\n${head(module).join('\n\n')}\n`

/** Types and functions, and the files that they are imported from. */
function* uses(source) {
  for (const [, path, list, single] of source.matchAll(/^use super::([\w:]+?)::(?:\{([^}]*)\}|(\w+));$/gm)) {
    for (const item of (list ?? single).split(',').map((text) => text.trim())) {
      if (item === '') continue
      const segments = [...path.split('::'), ...item.split('::')]
      yield [segments.pop(), segments.join('/')]
    }
  }
}

/** The paragraphs of a file's head; the first one says what the codec is. */
function head(module) {
  const source = [`src/codec/${module}.rs`, `src/codec/${module}/mod.rs`].map(read).find((text) => text)
  const lines = source.split('\n').filter((line) => line.startsWith('//!'))
  const text = lines.map((line) => line.slice(4)).join('\n')
  return unlinked(text, source).split(/\n{2,}/)
}

/** Without the brackets of Rust's links; a constant with its value. */
const unlinked = (text, source) =>
  text.replace(/\[`([^`]+)`\](?:\([^)]*\))?/g, (_, name) => {
    const value = source.match(new RegExp(`const ${name}: \\w+ = ([^;]+);`))?.[1]
    return value ? `\`${value}\`` : `\`${name}\``
  })

function read(file) {
  try {
    return readFileSync(inRoot(file), 'utf8')
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
    return undefined
  }
}

await main(import.meta, () => {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } })
  const codecs = allCodecs()
  const made = [
    [PAGE, codecsPage(codecs)],
    [README, readme(readFileSync(inRoot(README), 'utf8'), codecs)],
  ]
  for (const [file, text] of made) {
    if (!values.check) writeFileSync(inRoot(file), text)
    else if (readFileSync(inRoot(file), 'utf8') !== text)
      throw new Failure(`${file} is not what the registries say: npm run docs`)
  }
})
