// What the documents of the repository name is there: files, folders, headings, commands.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { inRoot } from '../../scripts/run.mjs'

const DOCUMENTS = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  'bench/README.md',
  'fuzz/README.md',
  'tests/fixtures/README.md',
]

const documents = DOCUMENTS.map((name) => [name, readFileSync(inRoot(name), 'utf8')])

/** `[text](target)`, unless the target has a protocol. */
const LINK = /\[[^\]]*\]\((?![a-z]+:)([^)]+)\)/g

/** A path in the repository, in backticks: `src/plan/`, `tests/node/{zip,references}.test.mjs`, `tests/wasm_*.rs`. */
const PATH = /`((?:src|js|kernels|tests|scripts|bench|fuzz|docs|www)\/[\w./*{},-]*)`/g

/** `npm run size`, `npm test`. */
const COMMAND = /\bnpm (?:run ([\w-]+)|(start|test)\b)/g

/** What is made, and not in the repository. */
const MADE = /^bench\/(results|node_modules)\b|^fuzz\/artifacts\b/

const all = (text, pattern) => [...text.matchAll(pattern)]

/** The anchor of a heading, as sites make it. */
const anchor = (heading) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\d\- ]/gu, '')
    .replaceAll(' ', '-')

const anchors = (text) => all(text, /^#+ (.*)$/gm).map(([, heading]) => anchor(heading))

/** All paths that `{a,b}` stands for. */
function expanded(text) {
  const [whole, list] = /\{([^{}]*)\}/.exec(text) ?? []
  return whole === undefined ? [text] : list.split(',').flatMap((name) => expanded(text.replace(whole, name)))
}

function isThere(name) {
  if (!name.includes('*')) return existsSync(inRoot(name))
  const pattern = new RegExp(`^${path.basename(name).replaceAll('.', '\\.').replaceAll('*', '.*')}$`)
  return readdirSync(inRoot(path.dirname(name))).some((file) => pattern.test(file))
}

for (const [name, text] of documents) {
  test(`${name} names what there is`, () => {
    for (const [, target] of all(text, LINK)) {
      const [file, heading] = target.split('#')
      const linked = file === '' ? name : path.join(path.dirname(name), file)
      assert.ok(existsSync(inRoot(linked)), `${target}: there is no ${linked}`)
      if (heading !== undefined)
        assert.ok(anchors(readFileSync(inRoot(linked), 'utf8')).includes(heading), `no heading ${target}`)
    }
    for (const named of all(text, PATH).flatMap(([, paths]) => expanded(paths))) {
      const places = [named, path.join(path.dirname(name), named)]
      assert.ok(MADE.test(named) || places.some(isThere), `there is no ${named}`)
    }
    const { scripts } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'))
    for (const [, script, short] of all(text, COMMAND))
      assert.ok(scripts[script ?? short], `npm has no script ${script ?? short}`)
  })
}

test('README has its parts in their order', () => {
  const [, readme] = documents[0]
  const parts = [
    'Install',
    'Twelve lines',
    'What it reads',
    'How fast',
    'Recipes',
    'Limits',
    'Work on it',
    'Licence',
  ]
  assert.deepEqual(
    all(readme, /^## (.*)$/gm).map(([, heading]) => heading),
    parts,
  )
})
