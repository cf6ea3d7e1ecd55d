import { once } from 'node:events'
import net from 'node:net'
import { expect, test } from 'vitest'
import type { CarriedCall } from './connections.ts'
import { Line } from './line.ts'
import type { LaneOrder } from './protocol.ts'

/** A frame of HTTP/2 (RFC 9113 §4.1). */
const frame = (type: number, flags: number, stream: number, payload: Buffer): Buffer => {
  const head = Buffer.from([0, 0, payload.length, type, flags, 0, 0, 0, stream])
  return Buffer.concat([head, payload])
}

const END_STREAM = 1
const END_HEADERS = 4
const SETTINGS = frame(4, 0, 0, Buffer.alloc(0))
const RESET_WITHOUT_ERROR = frame(3, 0, 1, Buffer.alloc(4))
const data = (text: string, flags = 0): Buffer => frame(0, flags, 1, Buffer.from(text))

/** Of HPACK's static table: `:status` whole, and the name `content-length` with a value of its own. */
const STATUS = { 200: 0x88, 304: 0x8b }
const head = (flags: number, contentLength = '', status: keyof typeof STATUS = 200): Buffer => {
  const field = contentLength === '' ? [] : [0x0f, 0x0d, contentLength.length, ...Buffer.from(contentLength)]
  return frame(1, END_HEADERS | flags, 1, Buffer.from([STATUS[status], ...field]))
}

const PREFACE_BYTES = 24
const isHead = (frames: Buffer): boolean => {
  for (let at = PREFACE_BYTES; at + 9 <= frames.length; at += 9 + frames.readUIntBE(at, 3))
    if (frames[at + 3] === 1) return true
  return false
}

/** What becomes of one call on a line whose server answers its head with just these frames. */
const carried = async (method: string, ...answer: readonly Buffer[]): Promise<string> => {
  const server = net.createServer((socket) => {
    let heard = Buffer.alloc(0)
    let isAnswered = false
    socket.on('error', () => {})
    socket.write(SETTINGS)
    socket.on('data', (chunk: Buffer) => {
      heard = Buffer.concat([heard, chunk])
      if (isAnswered || !isHead(heard)) return
      isAnswered = true
      socket.write(Buffer.concat(answer))
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(server.address() as net.AddressInfo).port}/`
  const order = { lane: 'h2', connections: 'kept-alive', url, deadlineMs: 5000 } as LaneOrder
  const line = new Line(order, '127.0.0.1', { nowMs: 0, fresh: (start) => start(), ended: () => {} })
  const came = await new Promise<string>((resolve) => {
    const call: CarriedCall = {
      onRequestStart: () => {},
      onResponseStart: () => {},
      onResponseData: () => {},
      onResponseEnd: () => resolve('whole'),
      onResponseError: (_, error) => resolve(error.message),
    }
    line.carry({ request: { path: '/', method, headers: [] }, call })
  })
  line.end()
  server.close()
  return came
}

const RESET = 'the stream was reset with code 0'

test.each([
  ['amid the body that it announced', [head(0, '10'), data('half5'), RESET_WITHOUT_ERROR]],
  ['before the body that it announced', [head(0, '10'), RESET_WITHOUT_ERROR]],
  ['before any head', [RESET_WITHOUT_ERROR]],
])('an answer whose stream is reset without an error %s is not whole', async (_, frames) => {
  expect(await carried('GET', ...frames)).toBe(RESET)
})

test.each([
  ['that is as long as it announced', 'GET', [head(0, '10'), data('half5'), data('half5', END_STREAM)]],
  ['that announces no length', 'GET', [head(0), data('half5', END_STREAM)]],
  ['of nothing but a head', 'GET', [head(END_STREAM)]],
  ['to HEAD, which announces what it does not send', 'HEAD', [head(END_STREAM, '10')]],
  ['that says that nothing was modified, and does so, too', 'GET', [head(END_STREAM, '10', 304)]],
  [
    'that is whole when its stream is reset without an error',
    'GET',
    [head(0, '10'), data('half5half5'), RESET_WITHOUT_ERROR],
  ],
] as const)('an answer %s is whole', async (_, method, frames) => {
  expect(await carried(method, ...frames)).toBe('whole')
})
