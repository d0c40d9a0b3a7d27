// What a worker does: it decodes groups of chunks, and keeps nothing between them but its decoders.
import { DecoderInstance } from '../decoder_instance.js'
import { type ErrorRecord, messageOf } from '../errors.js'
import { type Decoded, place, RUN_NUMBERS } from '../placing.js'
import type { Answered, FromWorker, Job, ToWorker } from './messages.js'

type Post = (message: FromWorker, transferred: ArrayBuffer[]) => void

/** Answers messages, by `post`, as they come. */
export function serve(post: Post): (message: ToWorker) => void {
  const instances = new Map<number, DecoderInstance>()
  post(null, [])
  return (message) => {
    if ('compiled' in message) {
      instances.set(message.module, new DecoderInstance(message.compiled))
      return
    }
    const answered = answerOf(message, instances.get(message.module))
    const { input, decoded } = answered
    post(answered, decoded ? [input, decoded.bytes, decoded.runs.buffer as ArrayBuffer] : [input])
  }
}

function answerOf(job: Job, instance: DecoderInstance | undefined): Answered {
  const { id, input, specLength, packedLength, encodedLength, output, room } = job
  try {
    if (!instance) throw new Error('the worker has no such module')
    const parts = [new Uint8Array(input, 0, specLength + packedLength + encodedLength)]
    const decoded = instance.decode({ parts, specLength, packedLength, encodedLength })
    if (Array.isArray(decoded)) throw new Error('a worker cannot ask codecs')
    if (!output) return { id, input, decoded: packed(decoded, room) }
    place(decoded, [{ bytes: output }])
    return { id, input }
  } catch (thrown) {
    return { id, input, error: recordOf(thrown) }
  }
}

/** What is to be copied, row after row in memory that can be sent. */
function packed(
  { runs, memory, heap }: Decoded,
  room: ArrayBuffer | undefined,
): NonNullable<Answered['decoded']> {
  const [here, there] = [runs.slice(), runs.slice()]
  let length = 0
  for (let at = 0; at < runs.length; at += RUN_NUMBERS) {
    const [rowLength, rows] = runs.subarray(at + 5)
    here[at] = 0
    here.set([length, rowLength], at + 3)
    there.set([length, rowLength], at + 1)
    length += rowLength * rows
  }
  const bytes = room && room.byteLength >= length ? room : new ArrayBuffer(length)
  place({ runs: here, memory, heap }, [{ bytes: new Uint8Array(bytes) }])
  return { bytes, runs: there }
}

const recordOf = (thrown: unknown): ErrorRecord =>
  typeof thrown === 'object' && thrown !== null && 'zarrError' in thrown
    ? (thrown as ErrorRecord)
    : { zarrError: true, code: 'corrupt-chunk', message: `the decoder failed: ${messageOf(thrown)}` }
