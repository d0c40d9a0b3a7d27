// A certificate for this machine's own addresses, signed by itself: made anew for each run, so that none lies in the
// repository and none runs out. Written by hand, because Node can read certificates (X.509, RFC 5280) but not make them.
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

const HOUR_MS = 3_600_000

// The tags of DER (X.690) that a certificate needs.
const [INTEGER, BITS, OCTETS, OBJECT, TEXT, TIME, SEQUENCE, SET] = [2, 3, 4, 6, 12, 24, 0x30, 0x31]
const VERSION = 0xa0
const EXTENSIONS = 0xa3
const ALTERNATIVE_DNS = 0x82
const ALTERNATIVE_ADDRESS = 0x87

// Object identifiers, in their DER form.
const ECDSA_WITH_SHA256 = der(SEQUENCE, der(OBJECT, hex('2a8648ce3d040302')))
const COMMON_NAME = der(OBJECT, hex('550403'))
const SUBJECT_ALTERNATIVE_NAME = der(OBJECT, hex('551d11'))

/** `{ key, cert }`, both as PEM, for `localhost` and 127.0.0.1. */
export function selfSigned() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(TEXT, Buffer.from('localhost')))))
  const serial = randomBytes(8)
  serial[0] = 1 + (serial[0] & 0x3f) // positive, and as short as it can be
  const names = der(
    SEQUENCE,
    der(ALTERNATIVE_DNS, Buffer.from('localhost')),
    der(ALTERNATIVE_ADDRESS, Buffer.from([127, 0, 0, 1])),
  )
  const body = der(
    SEQUENCE,
    der(VERSION, der(INTEGER, Buffer.from([2]))), // version 3
    der(INTEGER, serial),
    ECDSA_WITH_SHA256,
    name,
    der(SEQUENCE, time(Date.now() - HOUR_MS), time(Date.now() + 48 * HOUR_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(EXTENSIONS, der(SEQUENCE, der(SEQUENCE, SUBJECT_ALTERNATIVE_NAME, der(OCTETS, names)))),
  )
  const signature = der(BITS, Buffer.from([0]), sign('sha256', body, privateKey))
  const base64 = der(SEQUENCE, body, ECDSA_WITH_SHA256, signature).toString('base64')
  const lines = base64.match(/.{1,64}/g).join('\n')
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  }
}

/** A value with its tag and its length before it. */
function der(tag, ...parts) {
  const value = Buffer.concat(parts)
  const { length } = value
  const long = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...(length < 0x80 ? [length] : long)]), value])
}

function hex(text) {
  return Buffer.from(text, 'hex')
}

/** GeneralizedTime without fractions, `20261231235959Z`. */
const time = (ms) => der(TIME, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]|\..*/g, '')}Z`))
