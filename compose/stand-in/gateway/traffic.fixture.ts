// A gateway with upstreams of every temper for tests, on real sockets, and raw calls to it; everything is closed after each test.
import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach } from 'vitest'
import { type FakeDpManager, fakeDpManager } from './fake-dp-manager.fixture.ts'
import { type Environment, type GatewayUnderTest, gatewayUnderTest } from './gateway.fixture.ts'

export interface TrafficStage {
  readonly gateway: GatewayUnderTest
  readonly dpManager: FakeDpManager
}

const closing: (() => unknown)[] = []

/** Call once at the top of a test file. */
export function closeAfterEach(): void {
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })
}

export function closeLater(close: () => unknown): void {
  closing.push(close)
}

/** A gateway that has these objects, by key below the prefix, like `routes/all`. */
export async function gatewayWith(
  objects: Readonly<Record<string, object>>,
  environment?: Environment,
): Promise<TrafficStage> {
  const dpManager = await fakeDpManager()
  closeLater(() => dpManager.stop())
  for (const [key, value] of Object.entries(objects)) dpManager.store.put(`/apisix/${key}`, value)
  const gateway = await gatewayUnderTest([dpManager.url], environment)
  closeLater(() => gateway.cut())
  return { gateway, dpManager }
}

/** A route for everything, to these ports of this machine. */
export function routeTo(ports: readonly number[], upstream: object = {}): object {
  const nodes = ports.map((port) => ({ host: '127.0.0.1', port, weight: 1 }))
  return { uri: '/*', upstream: { type: 'roundrobin', nodes, ...upstream } }
}

/** The port of an upstream. */
export async function upstreamThat(answers: RequestListener, prepare?: (server: Server) => void): Promise<number> {
  const server = createServer(answers)
  prepare?.(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closeLater(() => server.close().closeAllConnections())
  return (server.address() as AddressInfo).port
}

/** A connection on which a test says what it likes; `heard` is what came back so far. */
export interface RawCall {
  readonly socket: Socket
  heard(): string
  /** Everything, once the other side has closed. */
  readonly closed: Promise<string>
}

export function rawCall(port: number, text: string): RawCall {
  let heard = ''
  const socket = connect(port, '127.0.0.1', () => socket.write(text))
  closeLater(() => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    heard += chunk.toString('latin1')
  })
  const closed = new Promise<string>((resolve) => {
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(heard))
  })
  return { socket, heard: () => heard, closed }
}

/** Sends raw lines, ended as HTTP ends them, and reads until the other side closes. */
export function exchange(port: number, lines: readonly string[], body = ''): Promise<string> {
  return rawCall(port, `${lines.join('\r\n')}\r\n\r\n${body}`).closed
}
