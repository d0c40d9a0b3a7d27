// Answers what a decoder asks of the registered codecs: see src/codec/exchange.rs.
import type { CodecAnswer, CodecInfo, definition } from './codecs.js'
import type { ErrorCode, messageOf, shown, ZarrError } from './errors.js'

/** Codecs that are at work at once for one chunk: a shard that is decoded whole has a question for each inner chunk. */
const AT_ONCE = 8

/** One call of a codec, with bytes that are its own. */
export interface Question {
  place: readonly number[]
  call: CodecInfo & { id: number }
  encoded: Uint8Array
}

/** What a codec answered at a place, or the error that it is. */
export interface Answer {
  place: readonly number[]
  decoded?: Uint8Array
  failure?: { code: ErrorCode; message: string }
  cause?: unknown
}

/** What the answers are for: nobody wants them any more once it has ended. */
interface Purpose {
  readonly ended: boolean
}

/** What it has of the library, as `Means` of js/workers/pool.ts. */
export interface Means {
  definition: typeof definition
  messageOf: typeof messageOf
  shown: typeof shown
  ZarrError: typeof ZarrError
}

/** All answers, with those there were `before`, or only some of them if there is no use for more; never rejects. */
export async function answersTo(
  questions: readonly Question[],
  before: readonly Answer[],
  purpose: Purpose,
  means: Means,
): Promise<Answer[]> {
  const answers = [...before]
  for (let at = 0; at < questions.length && !purpose.ended; at += AT_ONCE) {
    const some = questions.slice(at, at + AT_ONCE)
    answers.push(...(await Promise.all(some.map((question) => answer(question, means)))))
  }
  return inOrder(answers)
}

/** As a decoder wants them: in the order of their places, at one place as they came. */
const inOrder = (answers: Answer[]): Answer[] =>
  answers.sort(({ place: one }, { place: other }) => {
    const at = one.findIndex((innerChunk, depth) => innerChunk !== other[depth])
    return at < 0 ? one.length - other.length : one[at] - (other[at] ?? -1)
  })

async function answer({ place, call, encoded }: Question, means: Means): Promise<Answer> {
  const { id, ...info } = call
  const failed = (code: ErrorCode, message: string, cause?: unknown): Answer => ({
    place,
    failure: { code, message },
    cause,
  })
  try {
    const answered: unknown = await means.definition(id).decode(encoded, info)
    if (isBytes(answered))
      return { place, decoded: answered instanceof Uint8Array ? answered : new Uint8Array(answered) }
    const message = `the codec answered ${means.shown(answered)}, expected a Uint8Array or an ArrayBuffer`
    return failed('corrupt-chunk', message)
  } catch (thrown) {
    if (thrown instanceof means.ZarrError) return failed(thrown.code, thrown.message, thrown)
    return failed('corrupt-chunk', `the codec failed: ${means.messageOf(thrown)}`, thrown)
  }
}

const isBytes = (answered: unknown): answered is CodecAnswer =>
  answered instanceof Uint8Array || answered instanceof ArrayBuffer
