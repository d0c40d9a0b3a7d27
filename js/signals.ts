// Signals that end what was asked for.
import { shown, ZarrError } from './errors.js'

let expectMany = (_signal: AbortSignal): void => {}

/** Set by the entries for Node, which warns of many listeners: every read has one. */
export function setExpectMany(expect: (signal: AbortSignal) => void): void {
  expectMany = expect
}

/** Refuses what is no signal, before wasm does it with words of its own. */
export function checkSignal(signal: unknown): void {
  if (signal === undefined) return
  if (!(signal instanceof AbortSignal))
    throw new ZarrError('invalid-argument', `signal is ${shown(signal)}, expected an AbortSignal`)
  expectMany(signal)
}
