// References: what documents may say, where they may point, and what is wrong with others.
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { open, slice, stats } from 'zarr-wasm'
import { fetchFrom, scripted } from 'zarr-wasm/testing'
import { arrayDocument, arrayObjects, FILL, groupDocument, json, range, shardedObjects } from './arrays.mjs'
import { failure } from './failure.mjs'
import { AT_ONCE, it, serving } from './over_http.mjs'

const text = (document) => JSON.stringify(document)
const inline = (bytes) => `base64:${Buffer.from(bytes).toString('base64')}`

/** References to an array of so many chunks of two elements, as what they are made of says. */
const references = (count, chunk) => ({
  'zarr.json': text(arrayDocument([2 * count], [2])),
  ...Object.fromEntries(Array.from({ length: count }, (_, i) => [`c/${i}`, chunk(i)])),
})

/** Opened from a Blob, so relative to nothing. */
const opened = (document, options) =>
  open(new Blob([text(document)]), { store: 'reference', kind: 'array', ...options })

const chunk = (i) => Uint8Array.of(2 * i, 0, 2 * i + 1, 0)

describe('references over HTTP', () => {
  /** A file with chunks one after the other, and references to it. */
  const packed = async (t, count, { gap = 0, reference } = {}) => {
    const file = Buffer.concat(
      Array.from({ length: count }, (_, i) => [chunk(i), new Uint8Array(gap)]).flat(),
    )
    const document = references(count, reference ?? ((i) => ['data/file.nc', i * (4 + gap), 4]))
    const server = await serving(
      t,
      new Map([
        ['/s/refs.json', json(document)],
        ['/s/data/file.nc', file],
      ]),
    )
    return { server, url: `${server.origin}/s/refs.json` }
  }

  it('have neighbours requested together, others by themselves, and are counted once', async (t) => {
    for (const [gap, expected] of [
      [0, 1],
      [40_000, 3],
    ]) {
      const { server, url } = await packed(t, 3, { gap })
      const array = await open(url, { kind: 'array' })
      const { requests } = stats()
      server.requests.length = 0
      assert.deepEqual([...(await array.get()).data], range(0, 6))
      assert.ok(server.requests.every(({ key }) => key === '/s/data/file.nc'))
      assert.deepEqual([server.requests.length, stats().requests - requests], [expected, expected])
    }
  })

  it('to what is not there, and beyond its end, are errors and no missing chunks', async (t) => {
    const { server, url } = await packed(t, 3, {
      reference: (i) =>
        [
          ['none.nc', 0, 4],
          ['data/file.nc', 8, 5],
          ['data/file.nc', 8, 4],
        ][i],
    })
    const array = await open(url, { kind: 'array', retry: AT_ONCE })
    const missing = await failure(array.get([0]))
    assert.deepEqual(
      [missing.code, missing.message],
      ['store', `c/0: there is no ${server.origin}/s/none.nc`],
    )
    const beyond = await failure(array.get([2]))
    assert.deepEqual([beyond.code, beyond.url], ['corrupt-chunk', `${server.origin}/s/data/file.nc`])
    assert.deepEqual([...(await array.get([slice(4, 6)])).data], [4, 5])
  })

  it('have failures that pass tried again', async (t) => {
    const { server, url } = await packed(t, 3)
    server.script = ({ attempt }, honest) => (attempt === 1 ? { ...honest, status: 503 } : honest)
    const array = await open(url, { kind: 'array', retry: AT_ONCE })
    assert.deepEqual([...(await array.get()).data], range(0, 6))
  })

  it('send credentials to the origin of the references, and to no other', async (t) => {
    const other = await serving(t, new Map([['/file', chunk(1)]]))
    const document = references(2, (i) => (i === 0 ? ['/file', 0, 4] : [`${other.origin}/file`, 0, 4]))
    const own = await serving(
      t,
      new Map([
        ['/refs.json', json(document)],
        ['/file', chunk(0)],
      ]),
    )
    const array = await open(`${own.origin}/refs.json`, {
      kind: 'array',
      headers: { authorization: 'secret' },
    })
    assert.deepEqual([...(await array.get()).data], [0, 1, 2, 3])
    assert.deepEqual(
      own.requests.map(({ headers }) => headers.authorization),
      ['secret', 'secret'],
    )
    assert.deepEqual(
      other.requests.map(({ headers }) => headers.authorization),
      [undefined],
    )
  })

  it('go through the fetch that was given, to whatever they point at', async () => {
    const objects = new Map([
      ['/refs.json', json(references(2, (i) => [i === 0 ? 's3://bucket/a b%23' : 'gs://bucket/b', 0, 4]))],
      ['/a b%23', chunk(0)],
      ['/bucket/b', chunk(1)],
    ])
    const store = scripted(objects)
    const array = await open('https://test.example/refs.json', { kind: 'array', fetch: fetchFrom(store) })
    assert.deepEqual([...(await array.get()).data], [0, 1, 2, 3])
  })
})

describe('a document of references', () => {
  test('has texts, base64, objects, parts and whole objects', async () => {
    const store = new Map([...arrayObjects([8], [2])].map(([key, bytes]) => [`/x${key}`, bytes]))
    const document = {
      'zarr.json': arrayDocument([10], [2]),
      'c/0': '\u0000\u0000\u0001\u0000',
      'c/1': inline(chunk(1)),
      'c/2': ['https://test.example/x/c/2'],
      'c/3': ['https://test.example/x/c/3', 0, 4],
    }
    const array = await opened(document, { fetch: fetchFrom(store) })
    assert.deepEqual([...(await array.get()).data], [0, 1, 2, 3, 4, 5, 6, 7, FILL, FILL])
  })

  test('has parts of shards, wherever they are', async () => {
    const objects = shardedObjects(32, 16, 4)
    const shard = objects.get('/c/0')
    const store = scripted(
      new Map([
        ['/file', Buffer.concat([new Uint8Array(7), shard, new Uint8Array(7)])],
        ['/whole', objects.get('/c/1')],
      ]),
    )
    const document = {
      'zarr.json': new TextDecoder().decode(objects.get('/zarr.json')),
      'c/0': ['https://test.example/file', 7, shard.length],
      'c/1': ['https://test.example/whole'],
    }
    const array = await opened(document, { fetch: fetchFrom(store) })
    for (const at of [6, 22]) assert.deepEqual([...(await array.get([slice(at, at + 2)])).data], [at, at + 1])
    document['c/0'] = inline(shard)
    assert.deepEqual([...(await (await opened(document)).get([slice(6, 8)])).data], [6, 7])
    document['c/0'] = inline(new Uint8Array(3))
    assert.equal((await failure((await opened(document)).get([0]))).code, 'corrupt-chunk')
  })

  test('has integers with all their digits', async () => {
    const fill = 2n ** 64n - 1n
    const array = arrayDocument([2], [2], { data_type: 'uint64', fill_value: 'fill' })
    const body = text({ 'zarr.json': array }).replace('"fill"', String(fill))
    const { data } = await (await open(new Blob([body]), { store: 'reference', kind: 'array' })).get()
    assert.deepEqual([...data], [fill, fill])
  })

  test('has templates with and without arguments, and expressions', async () => {
    const asked = []
    const fetch = async (request) => {
      asked.push(request.url)
      return new Response(chunk(asked.length - 1))
    }
    const templates = { host: 'https://test.example', file: '{{a}}-{{b}}.nc', empty: '' }
    const urls = [
      '{{host}}/plain',
      "{{ host }}/{{ file(a='x', b=1 + 2 * 3) }}",
      '{{host}}/{{(7 - 10) // 2}}/{{-7 % 3}}/{{2 ** 3 ** 2}}/{{9 / 2}}',
      '{{host}}/{{\'a\' + "b"}}{{empty}}/{{-2 ** 2}}',
      '{{host}}/{{1}}/{{open}/{{host',
    ]
    const document = { version: 1, templates, refs: references(5, (i) => [urls[i]]) }
    const array = await opened(document, { fetch })
    assert.deepEqual([...(await array.get(null, { concurrency: 1 })).data], range(0, 10))
    assert.deepEqual(
      asked.map((url) => url.replace('https://test.example', '')),
      ['/plain', '/x-7.nc', '/-2/2/512/4.5', '/ab/-4', '/1/%7B%7Bopen%7D/%7B%7Bhost'],
    )
  })

  test('has references by rule, for all combinations of dimensions', async () => {
    const asked = []
    const store = {
      get(key) {
        asked.push(key)
        return Uint8Array.from(Array.from({ length: 100 }, (_, i) => (i % 2 ? 0 : i / 2)))
      },
    }
    const document = {
      version: 1,
      templates: { u: 'https://test.example' },
      gen: [
        {
          key: 'c/{{3 * a + b}}',
          url: '{{u}}/{{name}}/{{a}}',
          offset: '{{(3 * a + b) * 4}}',
          length: 4,
          dimensions: { a: { stop: 2 }, b: { start: 2, stop: -1, step: -1 }, name: ['x'] },
        },
      ],
      refs: { 'zarr.json': text(arrayDocument([12], [2])) },
    }
    const array = await opened(document, { fetch: fetchFrom(store) })
    assert.deepEqual([...(await array.get()).data], range(0, 12))
    assert.deepEqual(new Set(asked), new Set(['/x/0', '/x/1']))
  })

  test('has no members that are not there', async () => {
    const document = {
      'zarr.json': groupDocument(),
      ...references(1, () => ''),
      'a/zarr.json': groupDocument(),
    }
    document['zarr.json'] = text(groupDocument())
    const group = await opened(document, { kind: 'group' })
    assert.deepEqual(await group.children(), [{ path: 'a', kind: 'group' }])
  })
})

describe('a broken document of references', () => {
  const refused = async (document, code, message) => {
    const body = typeof document === 'string' ? document : text(document)
    const error = await failure(open(new Blob([body]), { store: 'reference' }))
    assert.deepEqual([error.code, error.message], [code, message])
  }

  test('that is no such document says so', async () => {
    await refused('{', 'invalid-metadata', 'the Blob is not JSON')
    for (const body of ['{"a": NaN}', '{"a": 01234567890123456789}', `{"a":"${'\\"'.repeat(1 << 20)}`])
      await refused(body, 'invalid-metadata', 'the Blob is not JSON')
    await refused('[]', 'invalid-metadata', 'the Blob holds no JSON object')
    const node = 'the Blob: it is the metadata of a node, not references: open the folder that it is in'
    await refused(groupDocument(), 'invalid-metadata', node)
    await refused({ version: 2 }, 'unsupported', 'the Blob: its version is 2, expected 0 or 1')
    await refused({ version: 1, refs: [] }, 'invalid-metadata', 'the Blob: refs is not an object')
    await refused({ version: 1, templates: [] }, 'invalid-metadata', 'the Blob: templates is not an object')
    const template = 'the Blob: the template a is not a text'
    await refused({ version: 1, templates: { a: 1 } }, 'invalid-metadata', template)
  })

  test('with rules that are none, or make too much, is refused before it makes it', async () => {
    const gen = (rule) => ({ version: 1, gen: [{ key: 'k', url: 'u', dimensions: {}, ...rule }] })
    const broken = (rule, message) => refused(gen(rule), 'invalid-metadata', `the Blob: ${message}`)
    await broken({ dimensions: 1 }, 'an item of gen has no dimensions')
    await broken({ key: 1 }, 'an item of gen has no key or no url')
    await broken({ offset: 1 }, 'an item of gen has one of offset and length, expected both or none')
    await broken({ offset: '-1', length: 1 }, 'gen makes the number "-1"')
    await broken({ dimensions: { i: 5 } }, 'the dimension i of gen is neither a list nor a range')
    await broken(
      { dimensions: { i: { stop: 5, step: 0 } } },
      'the dimension i of gen is neither a list nor a range',
    )
    const much = 'gen makes more than 1048576 references'
    for (const dimensions of [
      { i: { stop: 1e15 } },
      { i: { stop: 1100 }, j: { stop: 1100 } },
      Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`d${i}`, { stop: 1e15 }])),
    ]) {
      await broken({ dimensions }, much)
    }
  })

  test('has references that are none', async () => {
    const none = 'expected a text, [url] or [url, offset, length]'
    for (const [reference, code, message] of [
      [7, 'invalid-metadata', `the reference c/0 is 7, ${none}`],
      [['u', 0], 'invalid-metadata', `the reference c/0 is ["u",0], ${none}`],
      [['u', -1, 4], 'invalid-metadata', `the reference c/0 is ["u",-1,4], ${none}`],
      [['u', 0, 0.5], 'invalid-metadata', `the reference c/0 is ["u",0,0.5], ${none}`],
      [[1, 0, 4], 'invalid-metadata', `the reference c/0 is [1,0,4], ${none}`],
      ['base64:é', 'invalid-metadata', 'the reference c/0 is not validly base64'],
    ]) {
      const array = await opened(references(1, () => reference))
      const error = await failure(array.get())
      assert.deepEqual([error.code, error.message], [code, `c/0: the Blob: ${message}`])
    }
    const relative = await failure((await opened(references(1, () => ['u']))).get())
    assert.deepEqual(
      [relative.code, relative.message],
      ['invalid-metadata', 'c/0: the reference "u" is no URL'],
    )
    const unknown = await failure((await opened(references(1, () => ['az://a/b']))).get())
    assert.deepEqual([unknown.code, unknown.url], ['unsupported', 'az://a/b'])
  })

  test('has templates that cannot be filled in', async () => {
    const templates = { loop: "{{loop(a='x')}}", u: 'u' }
    for (const [url, code, message] of [
      ['{{none}}', 'unsupported', 'the template {{none}}: there is no none'],
      ['{{u.__class__}}', 'unsupported', 'the template {{u.__class__}}: ".__class__" is not understood'],
      ['{{1 +}}', 'unsupported', 'the template {{1 +}}: a value is missing'],
      ['{{(1}}', 'unsupported', 'the template {{(1}}: ) is missing'],
      ['{{1 2}}', 'unsupported', 'the template {{1 2}}: it does not end where it should'],
      ['{{u(1)}}', 'unsupported', 'the template {{u(1)}}: an argument has no name'],
      ['{{u * 2}}', 'unsupported', 'the template {{u * 2}}: * needs two numbers'],
      ['{{9 ** 999}}', 'unsupported', 'the template {{9 ** 999}}: 9 ** 999 is no number that can be had'],
      ['{{1 / 0}}', 'unsupported', 'the template {{1 / 0}}: 1 / 0 is no number that can be had'],
      ['{{loop}}', 'invalid-metadata', 'templates are called more than 16 deep'],
    ]) {
      const array = await opened({ version: 1, templates, refs: references(1, () => [url]) })
      const error = await failure(array.get())
      assert.deepEqual([error.code, error.message], [code, `c/0: ${message}`])
    }
    const long = `{{${'('.repeat(2000)}}}`
    const array = await opened({ version: 1, templates, refs: references(1, () => [long]) })
    assert.match((await failure(array.get())).message, /it has more than 1000 characters$/)
  })

  test('has templates that make more than 64 KiB', async () => {
    const fetch = async () => new Response(chunk(0))
    const host = 'https://test.example/'
    const plain = (length) => ({ t: host.padEnd(length, 'x') })
    const read = async (templates, url = '{{t}}') => {
      const document = { version: 1, templates, refs: references(1, () => [url]) }
      return (await opened(document, { fetch })).get()
    }
    const characters = 1 << 16
    assert.deepEqual([...(await read(plain(characters - '{{t}}'.length))).data], [0, 1])
    const nested = (value) =>
      Object.fromEntries(
        Array.from({ length: 12 }, (_, i) => [`t${i}`, i === 0 ? value : `{{t${i - 1}}}`.repeat(8)]),
      )
    for (const [templates, url] of [
      [plain(characters - '{{t}}'.length + 1)],
      [plain(1), host.padEnd(characters + 1, 'x')],
      [nested('x'), '{{t11}}'],
      [nested(''), '{{t11}}'],
      [{ f: '{{f(a=a+a)}}' }, `{{f(a='${'x'.repeat(900)}')}}`],
    ]) {
      const error = await failure(read(templates, url))
      const message = 'c/0: templates make more than 65536 characters'
      assert.deepEqual([error.code, error.message], ['invalid-metadata', message])
    }
  })

  test('has rules whose texts are longer than all may be together', async () => {
    const rule = { key: 'c/0', url: `{{i}}${'x'.repeat(60_000)}`, dimensions: { i: { stop: 1 << 20 } } }
    const message = 'templates make more than 268435456 characters'
    await refused({ version: 1, gen: [rule] }, 'invalid-metadata', message)
  })

  test('has a rule with a text of expressions that are not closed', async () => {
    const gen = [{ key: 'c/9', url: '{{'.repeat(1 << 20), dimensions: {} }]
    const array = await opened({ version: 1, gen, refs: references(1, () => inline(chunk(0))) })
    assert.deepEqual([...(await array.get()).data], [0, 1])
  })
})

test('references in files point at files, those from elsewhere do not', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'zarr-wasm-'))
  t.after(() => rm(folder, { recursive: true }))
  const file = path.join(folder, 'a b.nc')
  await writeFile(file, chunk(0))
  const document = references(3, (i) => [['a b.nc', file, pathToFileURL(file).href][i], 0, 4])
  await writeFile(path.join(folder, 'refs.json'), text(document))
  const array = await open(path.join(folder, 'refs.json'), { kind: 'array' })
  assert.deepEqual([...(await array.get()).data], [0, 1, 0, 1, 0, 1])
  const server = await serving(t, new Map([['/refs.json', json(document)]]))
  const remote = await open(`${server.origin}/refs.json`, { kind: 'array' })
  const error = await failure(remote.get([4]))
  assert.equal(error.code, 'unsupported')
  assert.match(error.message, /point at the file file:.*: only references in files may$/)
  const fromBlob = await failure((await opened(document)).get([4]))
  assert.equal(fromBlob.code, 'unsupported')
})
