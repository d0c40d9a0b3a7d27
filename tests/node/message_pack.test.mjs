// The reader of MessagePack, marker by marker (MessagePack specification, "Formats").
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { build } from 'esbuild'
import { inRoot } from '../../scripts/run.mjs'

const bundled = await build({
  entryPoints: [inRoot('js/message_pack.ts')],
  bundle: true,
  format: 'esm',
  write: false,
})
const { unpack } = await import(`data:text/javascript,${encodeURIComponent(bundled.outputFiles[0].text)}`)

const text = (string) => [...new TextEncoder().encode(string)]
const LONG = 'x'.repeat(70000)

const CASES = [
  ['positive fixint', [0x7f], 127],
  ['negative fixint', [0xe0], -32],
  ['negative fixint', [0xff], -1],
  ['fixmap', [0x81, 0xa1, ...text('a'), 0x01], { a: 1 }],
  ['empty fixmap', [0x80], {}],
  ['fixarray', [0x92, 0x01, 0xc0], [1, null]],
  ['empty fixarray', [0x90], []],
  ['fixstr', [0xa2, ...text('é')], 'é'],
  ['empty fixstr', [0xa0], ''],
  ['a text that begins like a byte order mark', [0xa4, ...text('\ufeffa')], '\ufeffa'],
  ['nil', [0xc0], null],
  ['false', [0xc2], false],
  ['true', [0xc3], true],
  ['bin 8', [0xc4, 2, 0xff, 0], Uint8Array.of(0xff, 0)],
  ['bin 16', [0xc5, 0, 1, 7], Uint8Array.of(7)],
  ['bin 32', [0xc6, 0, 0, 0, 1, 8], Uint8Array.of(8)],
  ['float 32', [0xca, 0x3f, 0x80, 0, 0], 1],
  ['float 32 NaN', [0xca, 0x7f, 0xc0, 0, 0], Number.NaN],
  ['float 64', [0xcb, 0xbf, 0xf8, 0, 0, 0, 0, 0, 0], -1.5],
  ['float 64 -0', [0xcb, 0x80, 0, 0, 0, 0, 0, 0, 0], -0],
  ['float 64 Infinity', [0xcb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0], Number.POSITIVE_INFINITY],
  ['uint 8', [0xcc, 0xff], 255],
  ['uint 16', [0xcd, 0xff, 0xfe], 65534],
  ['uint 32', [0xce, 0xff, 0xff, 0xff, 0xff], 4294967295],
  ['uint 64 that is safe', [0xcf, 0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 2 ** 53 - 1],
  ['uint 64 that is not', [0xcf, 0, 0x20, 0, 0, 0, 0, 0, 0], 2n ** 53n],
  ['uint 64 maximum', [0xcf, 255, 255, 255, 255, 255, 255, 255, 255], 2n ** 64n - 1n],
  ['int 8', [0xd0, 0x80], -128],
  ['int 16', [0xd1, 0x80, 0], -32768],
  ['int 32', [0xd2, 0x80, 0, 0, 0], -(2 ** 31)],
  ['int 64 that is safe', [0xd3, 255, 255, 255, 255, 255, 255, 255, 254], -2],
  ['int 64 minimum', [0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0], -(2n ** 63n)],
  ['str 8', [0xd9, 1, ...text('a')], 'a'],
  ['str 16', [0xda, 0, 1, ...text('b')], 'b'],
  ['str 32', [0xdb, 0, 1, 0x11, 0x70, ...text(LONG)], LONG],
  ['array 16', [0xdc, 0, 2, 1, 2], [1, 2]],
  ['array 32', [0xdd, 0, 0, 0, 1, 0xc3], [true]],
  ['map 16', [0xde, 0, 1, 0xa1, ...text('k'), 2], { k: 2 }],
  ['map 32', [0xdf, 0, 0, 0, 1, 0xa1, ...text('k'), 0x91, 0x80], { k: [{}] }],
  [
    'map whose keys are no texts',
    [0x82, 0x01, 0xa1, ...text('a'), 0xc0, 0x02],
    new Map([
      [1, 'a'],
      [null, 2],
    ]),
  ],
  [
    'nested',
    [0x91, 0x81, 0xa1, ...text('a'), 0x92, 0x01, 0x81, 0xa0, 0xc4, 1, 9],
    [{ a: [1, { '': Uint8Array.of(9) }] }],
  ],
]

for (const [name, bytes, value] of CASES) {
  test(`${name} [${bytes.slice(0, 4)}…]`, () => {
    // Not at the start of its buffer, where a chunk's values never are.
    assert.deepStrictEqual(unpack(Uint8Array.from([0xc1, ...bytes]).subarray(1)), value)
  })
}

test('a member called __proto__ is a member', () => {
  const value = unpack(Uint8Array.from([0x81, 0xa9, ...text('__proto__'), 0x05]))
  assert.deepEqual(
    [Object.keys(value), Object.getPrototypeOf(value) === Object.prototype],
    [['__proto__'], true],
  )
  assert.equal(Object.getOwnPropertyDescriptor(value, '__proto__').value, 5)
})

test('bytes are a copy', () => {
  const packed = Uint8Array.of(0xc4, 1, 9)
  const value = unpack(packed)
  packed[2] = 0
  assert.deepEqual(value, Uint8Array.of(9))
})

test('what has no meaning, or ends too early, is an error', () => {
  for (const bytes of [[0xc1], [0xc7, 1, 1, 1], [0xd4, 1, 1], [], [0xcd, 1], [0xcb, 0, 0], [0x92, 1]]) {
    assert.throws(() => unpack(Uint8Array.from(bytes)), RangeError, String(bytes))
  }
})
