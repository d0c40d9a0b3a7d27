// A server that speaks S3: moto, which is Python.
import { testPython } from '../../scripts/setup.mjs'
import { startProgram } from './program.mjs'

/** Who may do everything as long as nobody has to prove who they are; the service is what moto looks at. */
const anyone = (service) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=anyone/20000101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
})

const BY_OTHERS = ['private', 'public-read']

export async function serveS3() {
  const running = await startProgram(
    testPython(),
    ['-m', 'moto.server', '-H', '127.0.0.1', '-p', '0'],
    (written) => /Running on (http:\/\/\S+)/.exec(written)?.[1],
  )
  return new S3Server(running.ready, running.stop)
}

class S3Server {
  constructor(origin, stop) {
    this.origin = origin
    this.stop = () => stop()
    /** Headers of requests that may do everything. */
    this.headers = anyone('s3')
  }

  createBucket(bucket) {
    return this.#send('s3', 'PUT', `/${bucket}`)
  }

  /** Uploads objects, `Map` entries of keys with a leading slash; `access` says what those may who don't sign. */
  async upload(bucket, objects, access = 'public-read') {
    if (!BY_OTHERS.includes(access)) throw new Error(`access ${access}, expected one of ${BY_OTHERS}`)
    for (const [key, body] of objects) {
      const path = key.split('/').map(encodeURIComponent).join('/')
      await this.#send('s3', 'PUT', `/${bucket}${path}`, { body, headers: { 'x-amz-acl': access } })
    }
  }

  /**
   * Answers 403 for these keys, whether they are there or not: what S3 says of objects that are not there to those who may
   * not list the bucket.
   */
  deny(bucket, keys) {
    const body = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:GetObject',
          Resource: keys.map((key) => `arn:aws:s3:::${bucket}${key}`),
        },
      ],
    })
    return this.#send('s3', 'PUT', `/${bucket}?policy`, { body })
  }

  /** The keys of a new user who may read everything: `{ accessKeyId, secretAccessKey }`. */
  async createReader(name) {
    const policy = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 's3:Get*', Resource: '*' }],
    }
    await this.#iam({ Action: 'CreateUser', UserName: name })
    await this.#iam({
      Action: 'PutUserPolicy',
      UserName: name,
      PolicyName: 'reads',
      PolicyDocument: JSON.stringify(policy),
    })
    const answer = await (await this.#iam({ Action: 'CreateAccessKey', UserName: name })).text()
    const member = (tag) => new RegExp(`<${tag}>(.*?)</${tag}>`).exec(answer)[1]
    return { accessKeyId: member('AccessKeyId'), secretAccessKey: member('SecretAccessKey') }
  }

  /** From now on every signature is checked, and what users may do. */
  async checkSignatures() {
    await this.#send('s3', 'POST', '/moto-api/reset-auth', { body: '0' })
  }

  #iam(parameters) {
    return this.#send('iam', 'POST', '/', {
      body: new URLSearchParams({ Version: '2010-05-08', ...parameters }),
    })
  }

  async #send(service, method, path, { body, headers = {} } = {}) {
    const init = { method, body, headers: { ...anyone(service), ...headers } }
    const response = await fetch(`${this.origin}${path}`, init)
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return response
  }
}
