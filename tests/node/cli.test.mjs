// The program of the command line, over HTTP: what it prints, what it writes, and its exit codes.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { open } from 'zarr-wasm'
import { inRoot, run } from '../../scripts/run.mjs'
import { serve } from '../../scripts/serve.mjs'
import { testPython } from '../../scripts/setup.mjs'
import { serveObjects } from '../servers/object_server.mjs'
import { arrayDocument, arrayObjects, groupDocument, json, shardedObjects } from './arrays.mjs'

const CLI = inRoot('dist/cli.js')

/** `{ code, stdout, stderr }` of a run, standard output as bytes. */
function zarr(...args) {
  return ended(spawn(process.execPath, [CLI, ...args]))
}

function ended(child) {
  const output = { stdout: [], stderr: [] }
  for (const name of ['stdout', 'stderr']) child[name].on('data', (data) => output[name].push(data))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      const [stdout, stderr] = [Buffer.concat(output.stdout), Buffer.concat(output.stderr).toString()]
      resolve({ code, stdout, stderr })
    })
  })
}

/** What it prints, where it works. */
async function printed(...args) {
  const { code, stdout, stderr } = await zarr(...args)
  assert.deepEqual([code, stderr], [0, ''])
  return stdout.toString()
}

/** A group with consolidated metadata of an array and of a group in which there is another, and an array by itself. */
const members = { attributes: { units: 'K' }, dimension_names: ['y', 'x'] }
const consolidated = {
  'air/temperature': arrayDocument([4, 6], [2, 3], members),
  air: groupDocument(),
  time: arrayDocument([3], [3], { data_type: 'string', fill_value: '', codecs: ['vlen-utf8'] }),
}
const scalars = {
  ...groupDocument(),
  consolidated_metadata: { kind: 'inline', must_understand: false, metadata: { one: arrayDocument([], []) } },
}
const complex = { data_type: 'complex64', fill_value: [0, 0] }
const small = ['x', 'y'].map((name) => ({ name, data_type: 'int8' }))
const nested = { name: 'at', data_type: { name: 'struct', configuration: { fields: small } } }
const fields = [{ name: 'id', data_type: 'int8' }, nested]
const records = { data_type: { name: 'struct', configuration: { fields } }, fill_value: 'AAAA' }
const blobs = { data_type: 'bytes', fill_value: '', codecs: ['vlen-bytes'] }
const objects = new Map([
  [
    '/store/zarr.json',
    json({
      ...groupDocument({ title: 'Weather', big: 1 }),
      consolidated_metadata: { kind: 'inline', must_understand: false, metadata: consolidated },
    }),
  ],
  ...arrayObjects([4, 6], [2, 3], { name: '/store/air/temperature', ...members }),
  ['/bare/zarr.json', json(groupDocument({ title: 'Alone' }))],
  ...[...shardedObjects(32, 16, 4)].map(([key, bytes]) => [`/sharded${key}`, bytes]),
  ['/strange/zarr.json', json(arrayDocument([2], [2], { codecs: ['example.unknown'] }))],
  ['/damaged/zarr.json', json(arrayDocument([2], [2]))],
  ['/damaged/c/0', new Uint8Array(3)],
  ...arrayObjects([], [], { name: '/scalar' }),
  ['/scalars/zarr.json', json(scalars)],
  ['/huge/zarr.json', json(arrayDocument([4, 2 ** 24 + 1], [4, 2 ** 20]))],
  ['/pairs/zarr.json', json(arrayDocument([2 ** 23 + 1], [2 ** 20], complex))],
  ['/records/zarr.json', json(arrayDocument([2 ** 23], [2 ** 20], records))],
  ['/blobs/zarr.json', json(arrayDocument([2 ** 25], [2 ** 20], blobs))],
])

let server
let folder
before(async () => {
  server = await serveObjects(objects)
  folder = await mkdtemp(path.join(tmpdir(), 'zarr-wasm-cli-'))
})
after(async () => {
  server.close()
  await rm(folder, { recursive: true })
})

const at = (name) => `${server.origin}/${name}`
const temperature = () => at('store/air/temperature')

describe('help', () => {
  test('is there for every command, with an example and all its options', async () => {
    const overview = await printed('--help')
    assert.equal(await printed('help'), overview)
    const options = { info: ['--depth'], get: ['--out', '--format', '--as'], plan: [], bench: ['--repeat'] }
    const all = [
      '--store',
      '--path',
      '--header',
      '--endpoint',
      '--missing',
      '--concurrency',
      '--json',
      '--quiet',
      '--help',
    ]
    for (const [command, own] of Object.entries(options)) {
      assert.match(overview, new RegExp(`^  zarr-wasm ${command} +<place>`, 'm'))
      const help = await printed(command, '--help')
      assert.equal(await printed('help', command), help)
      assert.match(help, new RegExp(`^  npx zarr-wasm ${command} +(https|s3)://`, 'm'))
      const named = [...help.matchAll(/^ +(?:-\w, )?(--\w+)/gm)].map(([, name]) => name)
      assert.deepEqual(named.sort(), [...own, ...all].sort())
    }
  })

  test('comes without arguments, too, which are a mistake', async () => {
    const { code, stdout } = await zarr()
    assert.deepEqual([code, stdout.toString()], [2, await printed('--help')])
  })

  test('the version is that of the package', async () => {
    const { version } = JSON.parse(await readFile(inRoot('package.json'), 'utf8'))
    assert.equal(await printed('--version'), `${version}\n`)
  })
})

describe('info', () => {
  test('of a group: its attributes, and the tree below it', async () => {
    assert.equal(
      await printed('info', at('store')),
      `group, Zarr v3
  attributes
    big: 1
    title: Weather
├─ air/
│  └─ temperature  uint16  4×6  chunks 2×3  48 bytes
└─ time  string  3  chunks 3
`,
    )
    assert.match(await printed('info', at('store'), '--depth', '1'), /├─ air\/\n└─ time/)
  })

  test('of an array: all that is known of it', async () => {
    assert.equal(
      await printed('info', temperature()),
      `array, Zarr v3
  data type   uint16
  shape       y 4 × x 6
  chunks      2 × 3 (4 of them)
  codecs      bytes (endian little)
  fill value  61713
  size        48 bytes when it is decoded
  attributes
    units: K
`,
    )
    const sharded = await printed('info', at('sharded'))
    assert.match(sharded, /^ {2}chunks {6}4 \(8 of them\)\n {2}shards {6}16 \(2 of them\)$/m)
    assert.match(sharded, /codecs +sharding_indexed \(chunk_shape \[4\], codecs \[bytes \(endian little\)\]/)
  })

  test('of a scalar: its one chunk has no shape', async () => {
    assert.match(await printed('info', at('scalar')), /\n {2}shape {7}scalar\n {2}chunks {6}one\n/)
    assert.match(await printed('info', at('scalars')), /\n└─ one {2}uint16 {2}scalar {2}2 bytes\n$/)
  })

  test('of a group whose members cannot be known: that', async () => {
    const text = await printed('info', at('bare'))
    assert.match(text, /its members are not known: the store has no list of them/)
    assert.equal(JSON.parse(await printed('info', at('bare'), '--json')).children, null)
  })

  test('for programs', async () => {
    const found = JSON.parse(await printed('info', at('store'), '--json'))
    const { children, ...group } = found
    const attributes = { title: 'Weather', big: 1 }
    assert.deepEqual(group, { kind: 'group', name: '', path: '/', zarrFormat: 3, attributes })
    assert.deepEqual(
      children.map(({ name, kind }) => [name, kind]),
      [
        ['air', 'group'],
        ['time', 'array'],
      ],
    )
    assert.deepEqual(children[0].children[0], {
      kind: 'array',
      name: 'temperature',
      path: '/air/temperature',
      zarrFormat: 3,
      attributes: { units: 'K' },
      shape: [4, 6],
      chunks: [2, 3],
      shards: null,
      chunkEdges: null,
      dtype: 'uint16',
      fields: null,
      fillValue: 61713,
      dimensionNames: ['y', 'x'],
      codecs: [{ name: 'bytes', configuration: { endian: 'little' } }],
      bytes: 48,
    })
    assert.equal(children[1].bytes, null)
  })
})

describe('get', () => {
  test('selects as NumPy does', async () => {
    for (const [selection, shape, data] of [
      ['[0]', [6], [0, 1, 2, 3, 4, 5]],
      ['0, 1:3', [2], [1, 2]],
      ['[..., -1]', [4], [5, 11, 17, 23]],
      ['-1', [6], [18, 19, 20, 21, 22, 23]],
      [
        '-2:, ::-3',
        [2, 2],
        [
          [17, 14],
          [23, 20],
        ],
      ],
      [
        '[[3, 1], [0, 0, 5]]',
        [2, 3],
        [
          [18, 18, 23],
          [6, 6, 11],
        ],
      ],
      ['[1], [2]', [1, 1], [[8]]],
      ['[0, 0]', [], 0],
      ['[0:0, :]', [0, 6], []],
    ]) {
      const answer = JSON.parse(await printed('get', temperature(), selection))
      assert.deepEqual(answer, { dtype: 'uint16', shape, data }, selection)
    }
    const whole = JSON.parse(await printed('get', temperature()))
    assert.deepEqual(whole.data[3], [18, 19, 20, 21, 22, 23])
  })

  test('writes CSV: rows, with the indices of more dimensions before them', async () => {
    assert.equal(await printed('get', temperature(), '[:2, :3]', '-f', 'csv'), '0,1,2\n6,7,8\n')
    assert.equal(await printed('get', temperature(), '[1, :2]', '-f', 'csv'), '6\n7\n')
    const cube = await serveObjects(arrayObjects([2, 2, 2], [1, 2, 2]))
    const lines = await printed('get', cube.origin, '-f', 'csv')
    cube.close()
    assert.equal(lines, '0,0,0,1\n0,1,2,3\n1,0,4,5\n1,1,6,7\n')
  })

  test('writes a file, whose ending says how', async () => {
    const file = (name) => path.join(folder, name)
    for (const name of ['a.csv', 'a.json', 'a.raw', 'a.bin', 'a.npy'])
      assert.equal(await printed('get', temperature(), '[0, :2]', '--out', file(name)), '')
    assert.equal(await readFile(file('a.csv'), 'utf8'), '0\n1\n')
    assert.deepEqual(JSON.parse(await readFile(file('a.json'), 'utf8')).data, [0, 1])
    for (const name of ['a.raw', 'a.bin']) assert.deepEqual([...(await readFile(file(name)))], [0, 0, 1, 0])
    const npy = await readFile(file('a.npy'))
    const header = "{'descr': '<u2', 'fortran_order': False, 'shape': (2,), }"
    assert.equal(npy.toString('latin1'), `\x93NUMPY\x01\x00v\x00${header.padEnd(117)}\n\0\0\x01\0`)
    assert.deepEqual((await zarr('get', temperature(), '[0, :2]', '-f', 'npy')).stdout, npy)
  })

  test('converts', async () => {
    const { data } = JSON.parse(await printed('get', temperature(), '[0, :2]', '--as', 'float64'))
    assert.deepEqual(data, [0, 1])
    const answer = await zarr('get', temperature(), '--as', 'float32', '-f', 'raw')
    assert.equal(answer.stdout.length, 4 * 6 * 4)
  })

  test('what cannot be written is refused before anything is read', async () => {
    const nowhere = path.join(folder, 'nowhere')
    const out = path.join(nowhere, 'a.npy')
    const many = (format, values, advice) =>
      `${format} is for at most 16777216 numbers or texts, and these are ${values}: ${advice}select a part`
    const orNpy = 'write .npy, or '
    const noNumbers = 'elements of bytes are no numbers, which is what raw has: try json (unsupported)'
    const noPickles = 'npy has no elements of bytes without pickles: try json (unsupported)'
    server.forget()
    for (const [code, args, message] of [
      [2, [temperature(), '--out', out], `--out is ${out}, and there is no folder ${nowhere}`],
      [4, [at('blobs'), '-f', 'raw'], noNumbers],
      [4, [at('blobs'), '-f', 'npy'], noPickles],
      [2, [at('huge')], many('json', 2 ** 26 + 4, orNpy)],
      [2, [at('huge'), '[::2, ...]', '-f', 'csv'], many('csv', 2 ** 25 + 2, orNpy)],
      [2, [at('huge'), '[..., ::-2]'], many('json', 2 ** 25 + 4, orNpy)],
      [2, [at('huge'), '[[3, 1], 1:-1]'], many('json', 2 ** 25 - 2, orNpy)],
      [2, [at('huge'), '[0]', '--out', path.join(folder, 'a.csv')], many('csv', 2 ** 24 + 1, orNpy)],
      [2, [at('pairs')], many('json', 2 ** 24 + 2, orNpy)],
      [2, [at('records')], many('json', 3 * 2 ** 23, '')],
      [2, [at('blobs')], many('json', 2 ** 25, '')],
    ]) {
      const { code: found, stdout, stderr } = await zarr('get', ...args)
      assert.deepEqual([found, stdout.toString(), stderr], [code, '', `zarr-wasm: ${message}\n`], `${args}`)
    }
    assert.deepEqual(
      server.asked().filter((asked) => asked.includes('/c/')),
      [],
    )
    const { data } = JSON.parse(await printed('get', at('huge'), '[-1, -3:]'))
    assert.deepEqual(data, [61713, 61713, 61713])
  })

  test('ends quietly when nobody reads on', async () => {
    const big = await serveObjects(arrayObjects([1, 200_000], [1, 200_000]))
    const child = spawn(process.execPath, [CLI, 'get', big.origin])
    child.stdout.once('data', () => child.stdout.destroy())
    const { code, stderr } = await ended(child)
    big.close()
    assert.deepEqual([code, stderr], [0, ''])
  })
})

describe('get, of all data types', () => {
  const NUMBERS = [
    ...['bool', 'int8', 'int16-big-endian', 'int64', 'uint64', 'float16', 'float32', 'float64'],
    ...['complex64', 'complex128', 'datetime64-ns', 'timedelta64-10s'],
  ].map((name) => `v3/type/${name}`)
  const TEXTS = ['v3/text/fixed_length_utf32', 'v3/text/null_terminated_bytes', 'v3/string/plain']
  const RAW = ['v3/text/raw_bytes']

  let cases
  let data
  before(async () => {
    ;({ cases } = JSON.parse(await readFile(inRoot('tests/fixtures/manifest.json'), 'utf8')))
    data = await serve({ folders: [['/', inRoot('tests/fixtures/data')]] })
  })
  after(() => data.close())

  test('NumPy reads what is written as npy', async () => {
    const files = []
    for (const id of [...NUMBERS, ...RAW, ...TEXTS, 'v3/string/scalar']) {
      const file = path.join(folder, `${id.replaceAll('/', '-')}.npy`)
      await printed('get', `${data.origin}/${id}`, '--out', file)
      files.push(file)
    }
    const program = `
import base64, json, sys, numpy
for file in sys.argv[1:]:
    array = numpy.load(file)
    data = array.tolist() if array.dtype.kind == "U" else base64.b64encode(array.tobytes()).decode()
    print(json.dumps([array.dtype.kind, list(array.shape), data]))`
    const output = await run(testPython(), ['-c', program, ...files], { quiet: true })
    const loaded = output.trimEnd().split('\n')
    const kinds = 'biiiufffccMmV'
    for (const [position, id] of [...NUMBERS, ...RAW].entries()) {
      const { shape, full } = cases.find((item) => item.id === id)
      const kind = id.endsWith('uint64') ? 'u' : kinds[position]
      assert.deepEqual(JSON.parse(loaded[position]), [kind, shape, full.base64], id)
    }
    for (const [position, id] of TEXTS.entries()) {
      const array = await open(`${data.origin}/${id}`, { kind: 'array' })
      const [kind, , rows] = JSON.parse(loaded[NUMBERS.length + RAW.length + position])
      // NumPy does not tell NULs at the end from none.
      const texts = (await array.get()).data.map((text) => text.replace(/\0+$/, ''))
      assert.deepEqual([kind, rows.flat()], ['U', texts], id)
    }
    assert.deepEqual(JSON.parse(loaded.at(-1)), ['U', [], 'Größe'])
  })

  test('JSON has forms of its own for what is no JSON', async () => {
    const get = async (id, ...args) => JSON.parse(await printed('get', `${data.origin}/${id}`, ...args)).data
    assert.deepEqual((await get('v3/type/float32', '[:1]'))[0], ['NaN', 0, 'Infinity'])
    assert.equal(
      (await printed('get', `${data.origin}/v3/type/int64`, '[0, 0]')).match(/"data": (.*)}/)[1],
      `${2n ** 63n - 1n}`,
    )
    assert.deepEqual(await get('v3/type/bool', '[0]'), [true, false, false])
    assert.deepEqual((await get('v3/type/complex64', '[0]'))[0][0], 'NaN')
    assert.deepEqual(await get('v3/text/raw_bytes', '[0, 0]'), 'ivfY')
    assert.deepEqual(await get('v3/string/bytes', '[0, 0]'), '/w==')
    assert.deepEqual(await get('v2/object/vlen-array-int16', '[:3]'), [[], [8], [87, 0]])
    const record = await get('v3/record/little-endian', '[0, 0]')
    const array = await open(`${data.origin}/v3/record/little-endian`, { kind: 'array' })
    assert.deepEqual(
      Object.keys(record),
      array.fields.map(({ name }) => name),
    )
  })

  test('CSV of records has the names of their fields above', async () => {
    const url = `${data.origin}/v2/record/nested`
    const array = await open(url, { kind: 'array' })
    const [heading, ...lines] = (await printed('get', url, '[0]', '-f', 'csv')).trimEnd().split('\n')
    const names = (fields) =>
      fields.flatMap(({ name, fields: inner }) =>
        inner ? names(inner).map((below) => `${name}.${below}`) : [name],
      )
    assert.equal(heading, names(array.fields).join(','))
    assert.equal(lines.length, 4)
  })

  test('what a format does not have is an error', async () => {
    const noNumbers = (dtype) => `elements of ${dtype} are no numbers, which is what raw has`
    const noPickles = (dtype) => `npy has no elements of ${dtype} without pickles`
    for (const [id, format, message] of [
      ['v3/string/plain', 'raw', noNumbers('string')],
      ['v3/text/fixed_length_utf32', 'raw', noNumbers('fixed_length_utf32[20]')],
      ['v3/string/bytes', 'npy', noPickles('bytes')],
      ['v3/string/bytes', 'raw', noNumbers('bytes')],
      ['v2/object/vlen-array-int16', 'npy', noPickles('list[int16]')],
      ['v2/record/mixed', 'npy', noPickles('struct')],
      ['v2/record/mixed', 'raw', noNumbers('struct')],
    ]) {
      const { code, stderr } = await zarr('get', `${data.origin}/${id}`, '-f', format)
      assert.deepEqual([code, stderr], [4, `zarr-wasm: ${message}: try json (unsupported)\n`], id)
    }
    // Texts of fixed length are bytes, and so numbers, where they are wanted as these.
    const id = 'v3/text/null_terminated_bytes'
    const { code, stdout } = await zarr('get', `${data.origin}/${id}`, '--as', 'bytes', '-f', 'raw')
    const array = await open(`${data.origin}/${id}`, { kind: 'array' })
    const { data: bytes } = await array.get(null, { as: 'bytes' })
    assert.deepEqual([code, stdout], [0, Buffer.from(bytes)])
  })
})

describe('plan', () => {
  test('says what would be requested, and requests only metadata', async () => {
    server.forget()
    assert.equal(
      await printed('plan', temperature(), '[0]'),
      `key    bytes  chunks
c/0/0    all       1
c/0/1    all       1

2 requests to 2 objects, 2 chunks
`,
    )
    assert.match(await printed('plan', temperature(), '[0, 0]'), /\n1 request to 1 object, 1 chunk\n$/)
    assert.deepEqual(
      server.asked().filter((asked) => asked.includes('/c/')),
      [],
    )
    const sharded = await printed('plan', at('sharded'), '[:4]')
    assert.match(sharded, /^c\/0 +last 64 +0\nc\/0 +told by the index +1$/m)
  })

  test('for programs', async () => {
    assert.deepEqual(JSON.parse(await printed('plan', temperature(), '[0, 0]', '--json')), {
      requests: [{ key: 'c/0/0', chunks: 1 }],
      chunks: 1,
      objects: 1,
    })
  })
})

describe('bench', () => {
  test('reads as often as it is told, and counts', async () => {
    server.forget()
    const found = JSON.parse(await printed('bench', temperature(), '[:2]', '--repeat', '2', '--json'))
    assert.deepEqual([found.path, found.shape, found.dtype, found.runs.length], ['/', [4, 6], 'uint16', 2])
    for (const { requests, retries, received, decoded } of found.runs)
      assert.deepEqual([requests, retries, received, decoded], [2, 0, 24, 24])
    const chunks = server.asked().filter((asked) => asked.includes('/c/'))
    assert.deepEqual(
      chunks,
      ['0/0', '0/0', '0/1', '0/1'].map((key) => `/store/air/temperature/c/${key}`),
    )
  })

  test('takes whole chunks from the beginning if nothing is selected', async () => {
    const { selection } = JSON.parse(await printed('bench', temperature(), '--repeat', '1', '--json'))
    assert.deepEqual(selection, [
      { start: 0, stop: 4, step: null },
      { start: 0, stop: 6, step: null },
    ])
    const text = await printed('bench', temperature(), '--repeat', '1')
    assert.match(
      text,
      /^opening .*\n +time +requests +received +received\/s +decoded\/s\nread 1 .*\nat most \d requests at once, 0 sent again\n$/,
    )
  })
})

describe('failures', () => {
  test('have exit codes', async () => {
    for (const [code, args, message] of [
      [1, ['get', at('damaged')], /corrupt-chunk/],
      [1, ['info', 'http://127.0.0.1:1/'], /\(store\)/],
      [2, ['look'], /there is no command look/],
      [2, ['info'], /info needs a URL or path/],
      [2, ['info', 'a', 'b'], /info takes one argument, and there is b, too/],
      [2, ['get', at('sharded'), '[0]', '[1]'], /get takes two arguments, and there is \[1\], too/],
      [2, ['get', at('sharded'), '--colour'], /^zarr-wasm: Unknown option '--colour'\n$/],
      [2, ['get', at('sharded'), '[a]'], /the selection \[a\]: a is no index, slice or list/],
      [2, ['get', at('sharded'), '[1:2:3:4]'], /1:2:3:4 is no index/],
      [2, ['get', at('sharded'), '[99]'], /index 99 is out of range .*\(invalid-selection\)/],
      [2, ['get', at('sharded'), '--format', 'xml'], /--format is xml, expected npy, raw, csv or json/],
      [2, ['get', at('sharded'), '--out', 'a.xml'], /the ending of a.xml is no format/],
      [2, ['get', at('sharded'), '--as', 'int128'], /as is "int128"/],
      [2, ['get', at('store')], /is a group, expected an array: add one of time to it/],
      [2, ['plan', at('sharded'), '[1, 2], [3]'], /plan takes no lists/],
      [2, ['bench', at('sharded'), '--repeat', '0'], /--repeat is 0, expected an integer of 1 or more/],
      [2, ['info', at('store'), '-H', 'nothing'], /--header is "nothing", expected "name: value"/],
      [3, ['info', at('nothing')], /\(not-found\)/],
      [4, ['info', at('strange')], /example.unknown.*\(unsupported\)/],
    ]) {
      const { code: found, stdout, stderr } = await zarr(...args, ...(code === 1 ? ['--quiet'] : []))
      assert.deepEqual([found, stdout.toString()], [code, ''], `${args}: ${stderr}`)
      assert.match(stderr, message)
    }
  })

  test('are JSON for programs', async () => {
    const { code, stderr } = await zarr('info', at('nothing'), '--json')
    const { error } = JSON.parse(stderr)
    assert.deepEqual([code, error.code, error.url], [3, 'not-found', at('nothing')])
  })

  test('an interruption ends the requests', async () => {
    server.holds = ({ key }) => key.includes('/c/')
    const child = spawn(process.execPath, [CLI, 'get', temperature()])
    const ending = ended(child)
    await server.until(() => server.inFlight === 4)
    child.kill('SIGINT')
    const { code, stderr } = await ending
    server.holds = () => false
    server.release()
    assert.deepEqual([code, stderr], [130, 'zarr-wasm: interrupted (Error)\n'])
  })
})

test('files are read, and stores of other kinds', async () => {
  const store = inRoot('www/data/ostia.zarr')
  assert.match(await printed('info', store), /├─ latitude {2}float32 {2}18 {2}chunks 18 {2}72 bytes\n/)
  const latitude = await printed('get', path.join(store, 'latitude'))
  assert.equal(JSON.parse(latitude).data.length, 18)
  assert.equal(await printed('get', store, '--path', 'latitude'), latitude)
  const archive = await zarr('info', store, '--store', 'zip')
  assert.notEqual(archive.code, 0)
  const { code, stderr } = await zarr('info', store, '--store', 'basket')
  assert.equal(code, 2)
  assert.match(stderr, /store is "basket", expected "directory", "zip" or "reference"/)
})

test('headers are sent, and statuses that mean missing are taken so', async () => {
  const guarded = await serveObjects(objects)
  guarded.script = ({ headers, key }, reply) => {
    if (headers['x-key'] !== 'secret: 1') return { ...reply, status: 401 }
    return key.endsWith('/c/0/0') ? { ...reply, status: 403 } : reply
  }
  const url = `${guarded.origin}/store/air/temperature`
  const keyed = ['-H', 'x-key: secret: 1']
  const refused = await zarr('get', url)
  const forbidden = await zarr('get', url, '[0, 0]', ...keyed)
  const missing = await printed('get', url, '[0, 0]', ...keyed, '--missing', '403')
  guarded.close()
  assert.match(refused.stderr, /401/)
  assert.match(forbidden.stderr, /403/)
  assert.equal(JSON.parse(missing).data, 61713)
})

test('on a terminal there is a bar, and nothing of it is left', async () => {
  const program = 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)'
  const file = path.join(folder, 'shown.csv')
  const args = [CLI, 'get', temperature(), '--out', file]
  const shown = await run(testPython(), ['-c', program, process.execPath, ...args], { quiet: true })
  assert.match(shown, /\r█+░* 4\/4 chunks, 48 bytes, \d.*\/s/)
  assert.ok(shown.endsWith('\r\x1b[K'))
  const quiet = await run(testPython(), ['-c', program, process.execPath, ...args, '-q'], { quiet: true })
  assert.equal(quiet, '')
  const refused = run(
    testPython(),
    ['-c', program, process.execPath, CLI, 'get', temperature(), '-f', 'npy'],
    { quiet: true },
  )
  await assert.rejects(refused, /npy is not for terminals/)
})
