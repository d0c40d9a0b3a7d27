// Runs the examples of README.md.
//
// Every block marked js is a module of its own. URLs that begin with https://data.example/ are those of the sample data,
// served here, and so is the bucket `data` of the endpoint https://s3.example. A comment that begins with → states what the console.log on its line prints (or, where the comment has a
// line to itself, on the line before), and is compared exactly; other output is not looked at.
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { inRoot } from '../../scripts/run.mjs'
import { serve } from '../../scripts/serve.mjs'

/** What stands in the examples for servers, and what is there. */
const placeholders = (origin) => [
  ['https://data.example', `${origin}/data`],
  ['https://s3.example', origin],
]
const LOG = 'console.log('
const STATED = /\/\/ → (.*)$/

/** Within the package, so that it can be imported by its name. */
const folder = inRoot('build/readme')

const readme = await readFile(inRoot('README.md'), 'utf8')
const examples = Array.from(readme.matchAll(/^```(?:js|javascript)\n(.*?)^```$/gms), ([, code]) => code)

let server
before(async () => {
  server = await serve()
  await mkdir(folder, { recursive: true })
})
after(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

test('there are examples, all of them marked as what runs here, and they state what they print', () => {
  const languages = Array.from(readme.matchAll(/^```(\S+)$/gm), ([, language]) => language)
  assert.deepEqual(
    languages.filter((language) => !['js', 'javascript', 'sh'].includes(language)),
    [],
  )
  assert.ok(examples.length >= 1)
  for (const code of examples) assert.ok(instrumented(code).stated.length >= 1, code)
})

examples.forEach((code, at) => {
  test(`example ${at + 1}: ${code.split('\n').length - 1} lines`, async () => {
    const served = placeholders(server.origin).reduce((text, [name, url]) => text.replaceAll(name, url), code)
    const { source, stated } = instrumented(served)
    const file = `${folder}/example-${at + 1}.mjs`
    await writeFile(file, source)
    assert.deepEqual(await printed(file), stated)
  })
})

/** The example with every `console.log` whose output is stated replaced, and what is stated: `[line, text]`. */
function instrumented(code) {
  const lines = code.split('\n')
  const stated = []
  lines.forEach((line, at) => {
    const [comment, text] = STATED.exec(line) ?? []
    if (comment === undefined) return
    const target = line.trim() === comment ? at - 1 : at
    assert.ok(lines[target]?.includes(LOG), `line ${target + 1} logs nothing: ${lines[target]}`)
    lines[target] = lines[target].replace(LOG, `logAt(${target + 1})(`)
    stated.push([target + 1, text])
  })
  const prelude = [
    "import { format } from 'node:util'",
    'const logAt = (line) => (...values) => process.send([line, format(...values)])',
  ]
  return { source: [...prelude, ...lines].join('\n'), stated }
}

/** What an instrumented example prints, once it has ended well. */
function printed(file) {
  return new Promise((resolve, reject) => {
    const messages = []
    let output = ''
    const child = fork(file, { silent: true })
    child.on('message', (message) => messages.push(message))
    child.stderr.on('data', (data) => {
      output += data
    })
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(messages)
      else reject(new Error(`${file} ended with ${code}: ${output}`))
    })
  })
}
