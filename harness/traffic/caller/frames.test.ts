import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Frame, frameReader, messageFrame, rowsFrame } from './frames.ts'
import { MOST_BODY_BYTES } from './protocol.ts'

const rows = fc.record({
  type: fc.constant('rows' as const),
  lane: fc.nat(0xffff),
  records: fc.uint8Array({ maxLength: 80 }),
})
const message = fc.record({
  type: fc.constant('message' as const),
  message: fc.record({ kind: fc.constant('refusal' as const), id: fc.nat(), because: fc.string({ unit: 'binary' }) }),
})

test('frames come out as they went in, however the stream is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(rows, message), { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 9 })),
      (sent, cuts) => {
        let stream = Buffer.concat(
          sent.map((frame) =>
            frame.type === 'rows' ? rowsFrame(frame.lane, frame.records) : messageFrame(frame.message),
          ),
        )
        const heard: Frame[] = []
        const read = frameReader((frame) =>
          heard.push(frame.type === 'rows' ? { ...frame, records: Uint8Array.from(frame.records) } : frame),
        )
        for (const cut of cuts) {
          read(stream.subarray(0, cut))
          stream = stream.subarray(cut)
        }
        read(stream)
        expect(heard).toEqual(sent)
      },
    ),
  )
})

test('what is no frame is refused at once and not waited for', () => {
  const read = frameReader(() => {})
  expect(() => read(Buffer.from('node: bad option\n'))).toThrow(/none of ours/)
  expect(() => frameReader(() => {})(Buffer.from([1, 0, 0, 0, 9]))).toThrow(/type 9 is none of ours/)
})

test('the longest body that an answer may have fits, also where JSON makes six bytes of each of its own', () => {
  const value = { headers: { 'x-long': '\u0001'.repeat(16 * 1024) }, body: '\u0001'.repeat(MOST_BODY_BYTES) }
  const heard: Frame[] = []
  frameReader((frame) => heard.push(frame))(messageFrame({ kind: 'reply', id: 1, value }))
  expect(heard).toEqual([{ type: 'message', message: { kind: 'reply', id: 1, value } }])
})
