// Sends to ourselves for a moment before the first real call: compiling the client must not make that one late.
import net from 'node:net'
import { monotonicMs } from '../../time/clock.ts'
import { createLane } from './lane.ts'
import { createPulse } from './pulse.ts'

const RATE = 400
const WARM_MS = 250

/** Resolves when some two hundred calls went through everything a lane uses, on both kinds of connections. */
export const warmUp = async (): Promise<void> => {
  const server = net.createServer(echo)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as net.AddressInfo
  await Promise.all([sendAWhile(port, 'kept-alive'), sendAWhile(port, 'new')])
  await new Promise((resolve) => server.close(resolve))
}

const echo = (socket: net.Socket): void => {
  socket.on('error', () => {})
  socket.on('data', (chunk) => {
    const id = /x-request-id: (\S+)/.exec(chunk.toString('latin1'))?.[1]
    const body = `{"requestId":"${id}"}`
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
  })
}

const sendAWhile = async (port: number, connections: 'kept-alive' | 'new'): Promise<void> => {
  const order = { ...ORDER, connections, url: `http://127.0.0.1:${port}/` }
  const t0 = monotonicMs()
  const lane = createLane(order, { t0, address: '127.0.0.1', now: monotonicMs, pulse: createPulse() })
  await new Promise<void>((resolve) => {
    const turn = (): void => {
      const nowMs = monotonicMs()
      lane.send(nowMs)
      lane.expire(nowMs)
      lane.rows()
      if (nowMs - t0 < WARM_MS) setTimeout(turn, 1)
      else resolve()
    }
    turn()
  })
  const limit = setInterval(() => lane.expire(monotonicMs()), 10)
  await lane.close(monotonicMs())
  clearInterval(limit)
}

const ORDER = {
  lane: 'warm-up',
  method: 'GET',
  headers: {},
  rate: RATE,
  deadlineMs: 500,
  expectStatus: 200,
  expectEcho: true,
  nodeHeaders: ['x-firedrill-node'],
  nodes: [],
  knownAs: {},
  requestIdPrefix: 'warm-up.',
}
