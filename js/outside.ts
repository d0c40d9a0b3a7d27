// Answers what a decoder asks of the registered codecs: see src/codec/exchange.rs.
import { type CodecAnswer, type CodecInfo, definition } from './codecs.js'
import { type ErrorCode, messageOf, shown, ZarrError } from './errors.js'

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

/**
 * All answers, in the order of the questions, or some of them if there is no use for more; never rejects. At once if all
 * codecs are synchronous.
 */
export function answerAll(questions: readonly Question[], purpose: Purpose): Answer[] | Promise<Answer[]> {
  const answers: Answer[] = []
  while (answers.length < questions.length) {
    const some = nextAnswers(questions, answers.length)
    if (!some.every(isHere)) return answerLater(questions, answers, some, purpose)
    answers.push(...some)
  }
  return answers
}

/** As a decoder wants them: in the order of their places, at one place as they came. */
export const inOrder = (answers: Answer[]): Answer[] =>
  answers.sort(({ place: one }, { place: other }) => {
    const at = one.findIndex((innerChunk, depth) => innerChunk !== other[depth])
    return at < 0 ? one.length - other.length : one[at] - (other[at] ?? -1)
  })

async function answerLater(
  questions: readonly Question[],
  answers: Answer[],
  some: (Answer | Promise<Answer>)[],
  purpose: Purpose,
): Promise<Answer[]> {
  answers.push(...(await Promise.all(some)))
  while (answers.length < questions.length && !purpose.ended) {
    answers.push(...(await Promise.all(nextAnswers(questions, answers.length))))
  }
  return answers
}

const nextAnswers = (questions: readonly Question[], at: number) =>
  questions.slice(at, at + AT_ONCE).map(answer)

const isHere = (answer: Answer | Promise<Answer>): answer is Answer => !(answer instanceof Promise)

function answer({ place, call: { id, ...info }, encoded }: Question): Answer | Promise<Answer> {
  const failed = (cause: unknown): Answer => ({ place, failure: failure(cause), cause })
  try {
    const answered: unknown = definition(id).decode(encoded, info)
    if (isBytes(answered)) return decoded(place, answered)
    return Promise.resolve(answered).then((answered) => decoded(place, answered), failed)
  } catch (thrown) {
    return failed(thrown)
  }
}

const isBytes = (answered: unknown): answered is CodecAnswer =>
  answered instanceof Uint8Array || answered instanceof ArrayBuffer

function decoded(place: readonly number[], answered: unknown): Answer {
  if (isBytes(answered)) {
    return { place, decoded: answered instanceof Uint8Array ? answered : new Uint8Array(answered) }
  }
  const message = `the codec answered ${shown(answered)}, expected a Uint8Array or an ArrayBuffer`
  return { place, failure: { code: 'corrupt-chunk', message } }
}

function failure(thrown: unknown): { code: ErrorCode; message: string } {
  if (thrown instanceof ZarrError) return { code: thrown.code, message: thrown.message }
  return { code: 'corrupt-chunk', message: `the codec failed: ${messageOf(thrown)}` }
}
