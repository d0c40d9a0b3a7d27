// Debian's Chromium, or the one that CHROMIUM names, without a window and off the network.
import { chromium } from 'playwright-core'

const ARGUMENTS = [
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** The servers of the tests sign their certificates themselves: HTTP/2 needs one. */
export const ANY_CERTIFICATE = '--ignore-certificate-errors'

export const launch = (...more) =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [...ARGUMENTS, ...more],
  })
