// Golden arrays from servers that are not ours: nginx, and moto, which speaks S3.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as library from 'zarr-wasm'
import { fixtures, someGroups, someObjects } from '../servers/golden_data.mjs'
import { serveByNginx } from '../servers/nginx.mjs'
import { serveS3 } from '../servers/s3.mjs'
import { arrayObjects, FILL, range, shardedObjects } from './arrays.mjs'
import { failure } from './failure.mjs'
import { judgeAll } from './golden.mjs'
import './over_http.mjs'

const { open, slice } = library

/** These servers need milliseconds for a request. Nothing takes longer unless something waits for ever. */
const it = (name, work) => test(name, { timeout: 120_000 }, work)

describe('nginx', () => {
  let nginx
  before(async () => {
    nginx = await serveByNginx(fixtures)
  })
  after(() => nginx?.stop())

  for (const [name, group] of someGroups) {
    it(`${name}, ${group.length} cases`, async () => {
      assert.deepEqual(await judgeAll(library, nginx.origin, group), [])
    })
  }

  it('was asked by HTTP/1.1, and never for a range that is not there', async () => {
    const requests = await nginx.stop()
    assert.ok(requests.length > 100)
    assert.deepEqual([...new Set(requests.map(({ version }) => version))], ['HTTP/1.1'])
    const ranges = requests.filter(({ range }) => range !== '')
    assert.deepEqual([...new Set(ranges.map(({ status }) => status))].sort(), [206, 404])
  })
})

describe('moto', () => {
  let s3
  before(async () => {
    s3 = await serveS3()
    await s3.createBucket('golden')
    await s3.upload('golden', someObjects())
  })
  after(() => s3?.stop())

  for (const [name, group] of someGroups) {
    it(`${name}, ${group.length} cases`, async () => {
      assert.deepEqual(await judgeAll(library, `${s3.origin}/golden`, group), [])
    })
  }

  it('chunks that are not there have the fill value', async () => {
    const objects = arrayObjects([8], [2])
    objects.delete('/c/2')
    await s3.createBucket('holes')
    await s3.upload('holes', objects)
    const array = await open(`${s3.origin}/holes`)
    const { data } = await array.get()
    assert.deepEqual([...data], [0, 1, 2, 3, FILL, FILL, 6, 7])
  })

  it('inner chunks are read by ranges', async () => {
    await s3.createBucket('sharded')
    await s3.upload('sharded', shardedObjects(64, 32, 4))
    const array = await open(`${s3.origin}/sharded`)
    assert.deepEqual([...(await array.get([slice(6, 10)])).data], range(6, 10))
    assert.deepEqual([...(await array.get([slice(40, 44)])).data], range(40, 44))
  })

  it('a private object is refused with its status, and is no missing one', async () => {
    await s3.createBucket('closed')
    await s3.upload('closed', arrayObjects([4], [2]))
    await s3.upload('closed', new Map([['/c/1', Uint8Array.of(0)]]), 'private')
    const array = await open(`${s3.origin}/closed`)
    assert.deepEqual([...(await array.get([slice(0, 2)])).data], [0, 1])
    const error = await failure(array.get())
    assert.deepEqual(
      [error.code, error.status, error.key, error.url],
      ['store', 403, 'c/1', `${s3.origin}/closed/c/1`],
    )
  })

  it('a bucket that answers 403 for what it does not have is read when 403 may mean missing', async () => {
    await s3.createBucket('unlisted')
    await s3.upload('unlisted', arrayObjects([4], [2]))
    await s3.deny('unlisted', ['/.z*', '/c/1'])
    const url = `${s3.origin}/unlisted`
    const error = await failure((await open(url)).get())
    assert.deepEqual([error.code, error.status, error.key], ['store', 403, 'c/1'])
    assert.match(error.message, /missing: \[403, 404\]/)
    const array = await open(url, { missing: [403, 404] })
    assert.deepEqual([...(await array.get()).data], [0, 1, FILL, FILL])
  })

  it('nothing is found where there is nothing', async () => {
    const url = `${s3.origin}/golden/nowhere`
    const error = await failure(open(url))
    assert.deepEqual([error.code, error.message.includes(url)], ['not-found', true])
    assert.equal((await failure(open(`${s3.origin}/no-bucket`))).code, 'not-found')
  })
})
