// Reading what needs a signature (AWS Signature Version 4), which a `fetch` of the user's gives.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { AwsClient } from 'aws4fetch'
import { open, slice } from 'zarr-wasm'
import { serveS3 } from '../servers/s3.mjs'
import { FILL, range, shardedObjects } from './arrays.mjs'
import { failure } from './failure.mjs'

const BUCKET = 'signed'

let s3
let url
let reader
before(async () => {
  s3 = await serveS3()
  await s3.createBucket(BUCKET)
  const objects = shardedObjects(96, 32, 4)
  objects.delete('/c/2')
  await s3.upload(BUCKET, objects, 'private')
  reader = await s3.createReader('reader')
  url = `${s3.origin}/${BUCKET}`
})
after(() => s3?.stop())

/** A `fetch` that signs, and what it was called with. */
function signing(secrets) {
  const client = new AwsClient({ ...secrets, service: 's3', region: 'us-east-1', retries: 0 })
  const requests = []
  const sign = (request) => {
    requests.push(request)
    return client.fetch(request)
  }
  return { sign, requests }
}

test('without a signature a private object is refused', async () => {
  const error = await failure(open(url))
  assert.deepEqual([error.code, error.status], ['store', 403])
})

describe('where signatures are checked', () => {
  before(() => s3.checkSignatures())

  test('a signing fetch reads documents, ranges and what is not there', async () => {
    const { sign, requests } = signing(reader)
    const array = await open(url, { fetch: sign })
    assert.deepEqual([...(await array.get([slice(4, 8)])).data], range(4, 8))
    assert.deepEqual([...(await array.get()).data], [...range(0, 64), ...Array(32).fill(FILL)])
    assert.ok(requests.every((request) => request instanceof Request))
    assert.ok(requests.every((request) => request.url.startsWith(`${url}/`)))
    const ranges = requests.map(({ headers }) => headers.get('range')).filter((value) => value !== null)
    assert.deepEqual(ranges, ['bytes=-128', 'bytes=8-15'])
  })

  test('a wrong secret is refused', async () => {
    const { sign } = signing({ ...reader, secretAccessKey: 'guessed' })
    const error = await failure(open(url, { fetch: sign }))
    assert.deepEqual([error.code, error.status], ['store', 403])
  })
})
