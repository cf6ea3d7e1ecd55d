import { expect, test } from 'vitest'
import { demultiplex } from './saved.ts'

const framed = (stream: number, text: string): Buffer => {
  const header = Buffer.alloc(8)
  header[0] = stream
  header.writeUInt32BE(Buffer.byteLength(text), 4)
  return Buffer.concat([header, Buffer.from(text)])
}

test("both streams of a container's log come out in order, without Docker's headers", () => {
  expect(demultiplex(Buffer.concat([framed(1, 'out\n'), framed(2, 'err\n'), framed(1, 'more\n')]))).toBe(
    'out\nerr\nmore\n',
  )
})

test('a log cut in the middle of a piece keeps what came', () => {
  expect(demultiplex(framed(1, 'whole line\n').subarray(0, 13))).toBe('whole')
})
