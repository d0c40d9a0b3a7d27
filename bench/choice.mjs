// What was asked for, among what there is.
import { Failure } from '../scripts/run.mjs'

/** All, or those whose names are wanted, in the order of all. */
export function chosen(kind, all, wanted, nameOf = (one) => one) {
  const names = all.map(nameOf)
  const unknown = wanted?.find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw new Failure(`there is no ${kind} ${unknown}: there are ${names.join(', ')}`)
  return all.filter((one) => !wanted || wanted.includes(nameOf(one)))
}
