// What a promise rejects with.
import assert from 'node:assert/strict'
import { ZarrError } from 'zarr-wasm'

export const failure = (promise) =>
  promise.then(
    () => assert.fail('it did not fail'),
    (error) => error,
  )

/** Checks that it is a `ZarrError` with exactly this message and these own fields. */
export async function fails(promise, message, fields) {
  const error = await failure(promise)
  assert.ok(error instanceof ZarrError, `${error?.stack ?? error}`)
  assert.equal(error.message, message)
  assert.deepEqual({ ...error }, { name: 'ZarrError', ...fields })
  return error
}
