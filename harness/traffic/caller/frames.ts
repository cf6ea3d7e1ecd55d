// Standard output as frames: u32 length of what follows, u8 type, payload; all little endian.
import type { Message } from './protocol.ts'

/** Type 1: u16 lane number, then whole 17-byte records. Type 2: one JSON message. */
export type Frame =
  | { readonly type: 'rows'; readonly lane: number; readonly records: Uint8Array }
  | { readonly type: 'message'; readonly message: Message }

const ROWS = 1
const MESSAGE = 2

// The largest thing said is the body of a `get`, 640 kB; JSON may make six bytes of one.
const MAX_FRAME_BYTES = 4 * 1024 * 1024

export const rowsFrame = (lane: number, records: Uint8Array): Buffer => {
  const frame = Buffer.allocUnsafe(7 + records.length)
  frame.writeUInt32LE(3 + records.length, 0)
  frame.writeUInt8(ROWS, 4)
  frame.writeUInt16LE(lane, 5)
  frame.set(records, 7)
  return frame
}

export const messageFrame = (message: Message): Buffer => {
  const json = Buffer.from(JSON.stringify(message))
  const head = Buffer.allocUnsafe(5)
  head.writeUInt32LE(1 + json.length, 0)
  head.writeUInt8(MESSAGE, 4)
  return Buffer.concat([head, json])
}

/** Takes bytes in whatever pieces they come and gives every whole frame to `take`. Throws RangeError on what is no frame. */
export const frameReader = (take: (frame: Frame) => void): ((chunk: Uint8Array) => void) => {
  let pending: Buffer = Buffer.alloc(0)
  return (chunk) => {
    pending = pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([pending, chunk])
    let at = 0
    while (pending.length - at >= 4) {
      const length = pending.readUInt32LE(at)
      if (length < 1 || length > MAX_FRAME_BYTES) throw new RangeError(`A frame of ${length} bytes is none of ours.`)
      if (pending.length - at - 4 < length) break
      take(parseFrame(pending.subarray(at + 4, at + 4 + length)))
      at += 4 + length
    }
    pending = pending.subarray(at)
  }
}

const parseFrame = (bytes: Buffer): Frame => {
  const type = bytes.readUInt8(0)
  if (type === ROWS) return { type: 'rows', lane: bytes.readUInt16LE(1), records: bytes.subarray(3) }
  if (type === MESSAGE) return { type: 'message', message: JSON.parse(bytes.toString('utf8', 1)) as Message }
  throw new RangeError(`A frame of type ${type} is none of ours.`)
}
