// Codecs that a user registers, and those that the library loads by the same door.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { open, registerCodec, slice, ZarrError } from 'zarr-wasm'
import { inRoot } from '../../scripts/run.mjs'
import { arrayDocument, arrayObjects, FILL, json, range, shardedObjects, v2Document } from './arrays.mjs'
import { fails, failure } from './failure.mjs'
import { opened } from './over_http.mjs'

const LITTLE = { name: 'bytes', configuration: { endian: 'little' } }
const array = { kind: 'array' }

const inverted = (bytes) => bytes.map((byte) => ~byte)
const later = () => new Promise((resolve) => setImmediate(resolve))
const uint16 = (bytes) => Array.from(new Uint16Array(bytes.slice().buffer))
const asText = (bytes) => json(uint16(bytes))
const plus = (bytes, n) => new Uint8Array(Uint16Array.from(uint16(bytes), (element) => element + n).buffer)

const DELTA = { name: 'numcodecs.delta', configuration: { dtype: '<u2' } }
const differences = (bytes) => {
  const elements = uint16(bytes)
  const different = elements.map((element, i) => element - (i === 0 ? 0 : elements[i - 1]))
  return new Uint8Array(Uint16Array.from(different).buffer)
}

/** Every call of these codecs: `[name, length of the bytes, info]`. */
const calls = []
const noted = (name, decode) => (bytes, info) => {
  calls.push([name, bytes.length, info])
  return decode(bytes, info)
}

registerCodec('test.not', () => ({ kind: 'bytes-to-bytes', decode: noted('test.not', inverted) }))
registerCodec('test.later', async () => {
  await later()
  return {
    kind: 'bytes-to-bytes',
    decode: noted('test.later', async (bytes) => {
      await later()
      return inverted(bytes).buffer
    }),
  }
})
registerCodec('test.text', () => ({
  kind: 'array-to-bytes',
  decode: noted('test.text', (bytes) => {
    const elements = JSON.parse(new TextDecoder().decode(bytes))
    return new Uint8Array(Uint16Array.from(elements).buffer)
  }),
}))
registerCodec('test.plus', () => ({
  kind: 'array-to-array',
  decode: noted('test.plus', (bytes, { configuration }) => plus(bytes, -configuration.n)),
}))

/** A store whose chunks were encoded by `encode`. */
function encoded(objects, encode) {
  const isChunk = (key) => !/\/(zarr\.json|\.z\w+)$/.test(key)
  return new Map(Array.from(objects, ([key, bytes]) => [key, isChunk(key) ? encode(bytes) : bytes]))
}

/** Seven elements in chunks of four. */
const seven = (codecs, encode) => encoded(arrayObjects([7], [4], { codecs }), encode)

/** The same in Zarr v2. */
const sevenV2 = (members, encode) => {
  const objects = arrayObjects([7], [4])
  const document = v2Document({ shape: [7], chunks: [4], ...members })
  return encoded(
    new Map([
      ['/.zarray', document],
      ['/0', objects.get('/c/0')],
      ['/1', objects.get('/c/1')],
    ]),
    encode,
  )
}

async function reads(store, expected = range(0, 7)) {
  calls.length = 0
  const { data } = await (await open(store, array)).get()
  assert.deepEqual(Array.from(data), expected)
}

test('a codec on bytes decodes at once or later, alone or with built-in ones around it', async () => {
  await reads(seven([LITTLE, { name: 'test.not' }], inverted))
  const info = { configuration: {}, decodedLength: 8, maxDecodedLength: 8 }
  assert.deepEqual(calls, [
    ['test.not', 8, info],
    ['test.not', 8, info],
  ])
  await reads(seven([LITTLE, { name: 'test.later' }], inverted))
  await reads(seven([LITTLE, { name: 'test.not' }, { name: 'test.later' }], (bytes) => bytes))
  assert.equal(calls.length, 4)
  const base64 = 'numcodecs.base64'
  const encode = (bytes) =>
    Uint8Array.from(Buffer.from(btoa(String.fromCharCode(...inverted(differences(bytes))))))
  await reads(seven([DELTA, LITTLE, 'test.later', base64], encode))
})

test('a codec between elements and bytes is told what they are', async () => {
  await reads(
    seven([{ name: 'test.text', configuration: { indent: 0 } }, { name: 'test.not' }], (bytes) =>
      inverted(asText(bytes)),
    ),
  )
  assert.deepEqual(calls.map(([name, , info]) => [name, info]).slice(-1), [
    [
      'test.text',
      { configuration: { indent: 0 }, shape: [4], dtype: 'uint16', decodedLength: 8, maxDecodedLength: 8 },
    ],
  ])
  // What it decodes, only it knows the length of.
  const [, , around] = calls.find(([name]) => name === 'test.not')
  assert.deepEqual(around, { configuration: {}, maxDecodedLength: 8 * 8 + 65536 })
})

test('a configuration keeps its large integers', async () => {
  const large =
    '{"a":[4611686018427387905,-9007199254740993],"b":"4611686018427387905","c":0.1234567890123456,"d":9007199254740991}'
  const store = seven([LITTLE, { name: 'test.not', configuration: 'LARGE' }], inverted)
  const document = new TextDecoder().decode(store.get('/zarr.json')).replace('"LARGE"', large)
  await reads(store.set('/zarr.json', new TextEncoder().encode(document)))
  assert.deepEqual(calls[0][2].configuration, {
    a: [4611686018427387905n, -9007199254740993n],
    b: '4611686018427387905',
    c: 0.1234567890123456,
    d: 9007199254740991,
  })
})

test('a codec on elements receives and answers elements', async () => {
  const chain = [
    { name: 'test.plus', configuration: { n: 5 } },
    { name: 'bytes', configuration: { endian: 'big' } },
  ]
  const big = (bytes) => new Uint8Array(Buffer.from(plus(bytes, 5)).swap16())
  await reads(seven(chain, big))
  assert.deepEqual(calls.at(-1)[2], {
    configuration: { n: 5 },
    shape: [4],
    dtype: 'uint16',
    decodedLength: 8,
    maxDecodedLength: 8,
  })
})

test('filters and compressors of Zarr v2 are found by their ids, with the prefix of Zarr v3 and without', async () => {
  registerCodec('numcodecs.mine', () => ({ kind: 'bytes-to-bytes', decode: inverted }))
  await reads(sevenV2({ compressor: { id: 'mine' } }, inverted))
  await reads(sevenV2({ compressor: { id: 'test.not', level: 3 } }, inverted))
  assert.deepEqual(calls.at(-1)[2].configuration, { level: 3 })
  await reads(seven([LITTLE, 'numcodecs.mine'], inverted))
  await reads(seven([LITTLE, 'numcodecs.test.not'], inverted))
  const mine = seven([LITTLE, 'mine'], inverted)
  await fails(open(mine), 'mine: unknown codec', { code: 'unsupported', path: '/', codec: 'mine' })
})

test('in Zarr v2 a codec on elements and one between elements and bytes have their place, too', async () => {
  const filters = [
    { id: 'test.plus', n: 1 },
    { id: 'test.plus', n: 2 },
  ]
  const big = (bytes) => new Uint8Array(Buffer.from(plus(bytes, 3)).swap16())
  await reads(
    sevenV2({ dtype: '>u2', filters, compressor: { id: 'test.not' } }, (bytes) => inverted(big(bytes))),
  )
  await reads(sevenV2({ compressor: { id: 'test.text' } }, asText))
  await reads(
    sevenV2({ filters: [filters[0], { id: 'test.text' }], compressor: { id: 'test.later' } }, (bytes) =>
      inverted(asText(plus(bytes, 1))),
    ),
  )
})

test('texts are answered as vlen-bytes lays them out', async () => {
  const texts = ['a', '', 'é', 'bc', 'd', 'ef', 'g']
  registerCodec('test.lines', () => ({
    kind: 'array-to-bytes',
    decode: async (bytes, { dtype, shape: [count] }) => {
      assert.equal(dtype, 'string')
      const lines = new TextDecoder().decode(bytes).split('\n')
      const words = [count, ...lines.flatMap((line) => [Buffer.byteLength(line), line])]
      const parts = words.map((word) => (typeof word === 'number' ? Uint32Array.of(word) : Buffer.from(word)))
      return new Uint8Array(
        Buffer.concat(parts.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength))),
      )
    },
  }))
  const document = arrayDocument([7], [4], { data_type: 'string', fill_value: '-', codecs: ['test.lines'] })
  const store = new Map([
    ['/zarr.json', json(document)],
    ['/c/0', new TextEncoder().encode(texts.slice(0, 4).join('\n'))],
    ['/c/1', new TextEncoder().encode([...texts.slice(4), ''].join('\n'))],
  ])
  await reads(store, texts)
  store.delete('/c/1')
  await reads(store, [...texts.slice(0, 4), '-', '-', '-'])
})

test('inside shards, read alone and whole, and around them', async () => {
  const inner = (name) =>
    shardedObjects(40, 20, 4, { codecs: [LITTLE, name], encode: inverted, missing: [2] })
  const expected = range(0, 40).map((i) => (i >= 8 && i < 12 ? 0xf111 : i))
  for (const name of ['test.not', 'test.later']) {
    await reads(inner(name), expected)
    const part = await (await open(inner(name), array)).get([slice(18, 22)])
    assert.deepEqual(Array.from(part.data), [18, 19, 20, 21])
    // Around the shard: it is decoded whole, and all its inner chunks are asked for in one go.
    await reads(
      shardedObjects(40, 20, 4, {
        codecs: [LITTLE, name],
        encode: inverted,
        missing: [2],
        around: [name],
        encodeShard: inverted,
      }),
      expected,
    )
    assert.equal(calls.length, 2 + 9)
  }
  // Of two codecs in each inner chunk, each asks when it is its turn.
  const codecs = ['test.text', 'test.later', 'test.not']
  await reads(
    shardedObjects(40, 20, 4, {
      codecs,
      encode: asText,
      missing: [2],
      around: ['test.later'],
      encodeShard: inverted,
    }),
    expected,
  )
  assert.equal(calls.length, 2 + 9 * 3)
  // As zarr-python, for codecs that say nothing else: the fill value is that of the encoded elements.
  const around = shardedObjects(40, 20, 4, {
    missing: [2],
    encode: (bytes) => plus(bytes, 1),
    before: [{ name: 'test.plus', configuration: { n: 1 } }],
  })
  await reads(
    around,
    expected.map((i) => (i === 0xf111 ? 0xf110 : i)),
  )
})

test('more inner chunks than are worked on at once', async () => {
  let working = 0
  let most = 0
  registerCodec('test.counted', () => ({
    kind: 'bytes-to-bytes',
    async decode(bytes) {
      most = Math.max(most, ++working)
      await later()
      working--
      return bytes
    },
  }))
  await reads(
    shardedObjects(400, 400, 2, {
      codecs: [LITTLE, 'test.counted'],
      around: ['test.not'],
      encodeShard: inverted,
    }),
    range(0, 400),
  )
  assert.deepEqual([most, working], [8, 0])
  most = 0
  await reads(
    encoded(arrayObjects([400], [2], { codecs: [LITTLE, 'test.counted'] }), (bytes) => bytes),
    range(0, 400),
  )
  assert.deepEqual([most, working], [8, 0])
})

test('a codec that fails or answers something else names itself and the chunk', async () => {
  const boom = new RangeError('boom')
  const answers = {
    'test.throws': () => {
      throw boom
    },
    'test.rejects': () => Promise.reject(boom),
    'test.short': () => new Uint8Array(7),
    'test.long': async () => new ArrayBuffer(9),
    'test.nothing': () => undefined,
    'test.floats': async () => new Float32Array(2),
    'test.own': () => {
      throw new ZarrError('unsupported', 'level 3 is not supported')
    },
  }
  const failed = 'the codec failed: boom'
  const expected = {
    'test.throws': ['corrupt-chunk', failed],
    'test.rejects': ['corrupt-chunk', failed],
    'test.short': ['corrupt-chunk', 'decoded to 7 bytes, expected 8'],
    'test.long': ['corrupt-chunk', 'decoded to 9 bytes, expected 8'],
    'test.nothing': [
      'corrupt-chunk',
      'the codec answered undefined, expected a Uint8Array or an ArrayBuffer',
    ],
    'test.floats': ['corrupt-chunk', 'the codec answered 0,0, expected a Uint8Array or an ArrayBuffer'],
    'test.own': ['unsupported', 'level 3 is not supported'],
  }
  for (const [name, decode] of Object.entries(answers)) {
    registerCodec(name, () => ({
      kind: 'bytes-to-bytes',
      decode: (bytes, info) => (bytes[0] === 0 ? bytes : decode(bytes, info)),
    }))
    const [code, message] = expected[name]
    const chunk = await open(
      seven([LITTLE, name], (bytes) => bytes),
      array,
    )
    assert.deepEqual(Array.from((await chunk.get([slice(0, 4)])).data), [0, 1, 2, 3])
    const error = await fails(chunk.get(), `c/1: ${name}: ${message}`, {
      code,
      path: '/',
      key: 'c/1',
      codec: name,
    })
    if (message === failed) assert.equal(error.cause, boom)
    // In a shard that is decoded whole, the inner chunk is named as well; the first of them that fails.
    const shard = await open(
      shardedObjects(16, 16, 4, { codecs: [LITTLE, name], around: ['test.not'], encodeShard: inverted }),
      array,
    )
    const inner = await fails(shard.get(), `c/0: ${name}: inner chunk [1]: ${message}`, {
      code,
      path: '/',
      key: 'c/0',
      codec: name,
    })
    if (message === failed) assert.equal(inner.cause, boom)
  }
})

test('after an abort or a failure nothing is written, and reads beside it go on', async () => {
  const held = []
  registerCodec('test.held', () => ({
    kind: 'bytes-to-bytes',
    decode: (bytes) =>
      new Promise((resolve, reject) => held.push({ bytes, resolve: () => resolve(bytes), reject })),
  }))
  const asked = async (count) => {
    while (held.length < count) await later()
  }
  const slow = await open(
    seven([LITTLE, 'test.held'], (bytes) => bytes),
    array,
  )
  const controller = new AbortController()
  const out = new Uint16Array(7).fill(9)
  const aborted = failure(slow.get(null, { out, signal: controller.signal }))
  await asked(2)
  const beside = slow.get()
  await asked(4)
  // Another array is not held up.
  await reads(seven([LITTLE, 'test.later'], inverted))
  controller.abort()
  assert.equal((await aborted).name, 'AbortError')
  for (const { resolve } of held) resolve()
  assert.deepEqual(Array.from((await beside).data), range(0, 7))
  await later()
  assert.deepEqual(Array.from(out), Array(7).fill(9))

  const failing = failure(slow.get(null, { out }))
  await asked(6)
  held[4].reject(new Error('no'))
  assert.equal((await failing).key, 'c/0')
  held[5].resolve()
  await later()
  assert.deepEqual(Array.from(out), Array(7).fill(9))
})

test('after an abort no more inner chunks are handed to a codec', async () => {
  const controller = new AbortController()
  const { signal } = controller
  let handed = 0
  let release
  const gate = new Promise((resolve) => {
    release = resolve
  })
  registerCodec('test.gate', () => ({
    kind: 'bytes-to-bytes',
    decode: async (bytes) => {
      handed += 1
      if (handed === 8) controller.abort()
      await gate
      return bytes
    },
  }))
  // With a codec around it, a shard is decoded whole.
  const objects = shardedObjects(40, 40, 1, {
    codecs: [LITTLE, 'test.gate'],
    around: ['test.not'],
    encodeShard: inverted,
  })
  const sharded = await open(objects, array)
  assert.equal((await failure(sharded.get(null, { signal }))).name, 'AbortError')
  release()
  for (let turn = 0; turn < 10; turn++) await later()
  assert.equal(handed, 8)
})

test('the bytes that a codec receives are its own', async () => {
  registerCodec('test.greedy', () => ({
    kind: 'bytes-to-bytes',
    decode: (bytes) => {
      const taken = structuredClone(bytes, { transfer: [bytes.buffer] })
      return inverted(taken)
    },
  }))
  const store = seven([LITTLE, 'test.greedy'], inverted)
  await reads(store)
  await reads(store)
})

test('the factory is called once, on the first array that uses the codec, and again after a failure', async () => {
  let made = 0
  let fail = true
  registerCodec('test.once', async () => {
    made++
    await later()
    if (fail) throw new TypeError('not today')
    return { kind: 'bytes-to-bytes', decode: inverted }
  })
  const store = seven([LITTLE, 'test.once'], inverted)
  await reads(seven([LITTLE], (bytes) => bytes))
  assert.equal(made, 0)
  const failures = await Promise.all([failure(open(store)), failure(open(store))])
  assert.equal(made, 1)
  for (const { code, message, codec, path, cause } of failures) {
    assert.deepEqual([code, codec, path, cause.message], ['store', 'test.once', '/', 'not today'])
    assert.equal(message, 'test.once: the codec did not load: not today')
  }
  fail = false
  await Promise.all([reads(store), reads(store)])
  await reads(store)
  assert.equal(made, 2)
})

test('a codec that is registered again is replaced for arrays that are opened from then on', async () => {
  const answer = (byte) => () => ({ kind: 'bytes-to-bytes', decode: (bytes) => bytes.fill(byte) })
  const store = seven([LITTLE, 'test.twice'], (bytes) => bytes)
  registerCodec('test.twice', answer(1))
  const before = await open(store, array)
  registerCodec('test.twice', answer(2))
  const afterwards = await open(store, array)
  const firsts = [before, afterwards, before].map(async (opened) => (await opened.get([0])).data[0])
  assert.deepEqual(await Promise.all(firsts), [0x0101, 0x0202, 0x0101])
})

test('what nobody registered is refused, or ignored where it need not be understood', async () => {
  const unknown = { code: 'unsupported', path: '/', codec: 'test.unknown' }
  await fails(open(seven([LITTLE, 'test.unknown'], inverted)), 'test.unknown: unknown codec', unknown)
  const sharded = shardedObjects(8, 8, 4, { codecs: [LITTLE, 'test.unknown'] })
  await fails(open(sharded), 'test.unknown: unknown codec', unknown)
  const optional = (name) => ({ name, must_understand: false })
  await reads(seven([LITTLE, optional('test.unknown')], (bytes) => bytes))
  await reads(seven([LITTLE, optional('test.not')], inverted))
  // A shard index is read before any codec is asked.
  const index = arrayDocument([8], [8])
  const configuration = { chunk_shape: [4], codecs: [LITTLE], index_codecs: [LITTLE, 'test.not'] }
  index.codecs = [{ name: 'sharding_indexed', configuration }]
  await fails(open(new Map([['/zarr.json', json(index)]])), 'test.not: unknown codec', {
    ...unknown,
    codec: 'test.not',
  })
})

test('a codec must fit its place', async () => {
  const stands = { code: 'invalid-metadata', path: '/' }
  await fails(
    open(seven(['test.not', LITTLE], inverted)),
    'codecs: test.not stands before any array→bytes codec',
    stands,
  )
  const after = 'codecs: test.text stands after bytes, which is an array→bytes codec'
  await fails(open(seven([LITTLE, 'test.text'], inverted)), after, stands)
})

test('what cannot be registered', async () => {
  const invalid = (name, factory, message) =>
    assert.throws(() => registerCodec(name, factory), {
      name: 'ZarrError',
      code: 'invalid-argument',
      message,
    })
  const factory = () => ({ kind: 'bytes-to-bytes', decode: inverted })
  invalid('zstd', factory, 'zstd is a codec of the library, which cannot be replaced')
  invalid('numcodecs.blosc', factory, 'numcodecs.blosc is a codec of the library, which cannot be replaced')
  invalid('', factory, 'the name is "", expected a codec\'s name')
  invalid(7, factory, "the name is 7, expected a codec's name")
  invalid('test.none', undefined, 'the factory of test.none is undefined, expected a function')
  const place = { code: 'invalid-argument', path: '/', codec: 'test.bad' }
  const store = seven([LITTLE, 'test.bad'], inverted)
  registerCodec('test.bad', () => undefined)
  await fails(
    open(store),
    'test.bad: the factory of test.bad answered no codec: it has no method decode',
    place,
  )
  registerCodec('test.bad', () => ({ kind: 'filter', decode: inverted }))
  const kinds = '"array-to-array", "array-to-bytes", "bytes-to-bytes"'
  await fails(open(store), `test.bad: the kind of test.bad is "filter", expected one of ${kinds}`, place)
})

test('the names that cannot be registered are those of the registry', async () => {
  const names = (source, pattern) => Array.from(source.matchAll(pattern), ([, name]) => name).sort()
  const read = (file) => readFile(inRoot(file), 'utf8')
  const arms = (source) =>
    Array.from(source.matchAll(/^ {8}("[^=]*") =>/gm), ([, arm]) => arm)
      .filter((arm) => arm !== '"test.trap"')
      .join('\n')
  const registry = names(arms(await read('src/codec/registry.rs')), /"([^"]+)"/g)
  assert.ok(registry.length >= 20)
  assert.deepEqual(names(await read('js/built_in.ts'), /^ {2}'(.+)',$/gm), registry)
  const rare = names(arms(await read('src/codec/rare.rs')), /"([^"]+)"/g)
  assert.ok(rare.length >= 25)
  assert.deepEqual(names(await read('js/rare.ts'), /^ {2}'(.+)',$/gm), rare)
})

/** [0, 1, 2, 3] and [4, 5, 6, 0xdead] as numcodecs' bz2 writes them. */
const BZ2 = [
  'QlpoMTFBWSZTWUMiPtQAAADAAHgAIAAwzTQYyOgl4u5IpwoSCGRH2oA=',
  'QlpoMTFBWSZTWdmV0AcAAAHAEkcAAAIAASAAIYAMATmp3F3JFOFCQ2ZXQBw=',
]

const conditional = (...codecs) => ({ name: 'conditional', configuration: { codecs } })

test('codecs from outside stand before, after and within those of the second wasm', async () => {
  const plusOne = { name: 'test.plus', configuration: { n: 1 } }
  await reads(seven([plusOne, DELTA, LITTLE, 'test.later'], (bytes) => inverted(differences(plus(bytes, 1)))))
  const applied = (bytes) => Uint8Array.of(1, ...inverted(bytes))
  await reads(seven([LITTLE, conditional('test.not')], applied))
  await reads(seven([LITTLE, 'test.not', conditional('test.later')], (bytes) => applied(inverted(bytes))))
  await reads(
    sevenV2({ filters: [{ id: 'delta', dtype: '<u2' }, { id: 'test.not' }] }, (bytes) =>
      inverted(differences(bytes)),
    ),
  )
  const unknown = { code: 'unsupported', path: '/', codec: 'test.unknown' }
  await fails(
    open(seven([LITTLE, conditional('test.unknown')], applied)),
    'test.unknown: unknown codec',
    unknown,
  )
})

test('inner chunks of the codecs of the second wasm are read by themselves', async (t) => {
  const objects = shardedObjects(40, 20, 4, {
    codecs: [DELTA, LITTLE, 'test.not'],
    encode: (bytes) => inverted(differences(bytes)),
    missing: [2],
  })
  await reads(
    objects,
    range(0, 40).map((i) => (i >= 8 && i < 12 ? FILL : i)),
  )
  const { server, array } = await opened(t, objects)
  assert.deepEqual([array.chunks, array.shards], [[4], [20]])
  assert.deepEqual(Array.from((await array.get([slice(6, 10)])).data), [6, 7, FILL, FILL])
  assert.deepEqual(
    server.requests.map(({ range }) => range),
    ['bytes=-80', 'bytes=8-15'],
  )
})

test('what is wrong with a codec of the second wasm is told when the array is opened', async () => {
  const bad = { name: 'numcodecs.delta', configuration: { dtype: '<u7' } }
  const place = { path: '/', codec: 'numcodecs.delta' }
  for (const store of [seven([bad, LITTLE], inverted), shardedObjects(8, 8, 4, { codecs: [bad, LITTLE] })]) {
    const { code, path, codec } = await failure(open(store))
    assert.deepEqual({ code, path, codec }, { code: 'unsupported', ...place })
  }
  await fails(
    open(seven([LITTLE, DELTA], inverted)),
    'codecs: numcodecs.delta stands after bytes, which is an array→bytes codec',
    { code: 'invalid-metadata', path: '/' },
  )
})

test('the codecs of the second wasm can be replaced', async () => {
  const chunks = BZ2.map((text) => new Uint8Array(Buffer.from(text, 'base64')))
  const store = new Map([
    ['/.zarray', v2Document({ shape: [7], chunks: [4], compressor: { id: 'bz2', level: 1 } })],
    ['/0', chunks[0]],
    ['/1', chunks[1]],
  ])
  await reads(store)
  const damaged = chunks[1].slice()
  damaged[20] ^= 1
  const cut = new Map([...store, ['/1', damaged]])
  const error = await failure((await open(cut, array)).get())
  assert.deepEqual([error.code, error.key, error.codec], ['corrupt-chunk', '1', 'numcodecs.bz2'])
  await reads(store)
  registerCodec('numcodecs.bz2', () => ({ kind: 'bytes-to-bytes', decode: () => new Uint8Array(8).fill(1) }))
  await reads(store, Array(7).fill(0x0101))
  const chain = [DELTA, LITTLE, 'numcodecs.bz2']
  await reads(
    seven(chain, inverted),
    [1, 2, 3, 4, 1, 2, 3].map((times) => times * 0x0101),
  )
})
