// A relay in front of an endpoint that a test can freeze: it then accepts and stays silent, as a stopped process does, or dies.
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface Relay {
  readonly url: string
  /** Nothing passes any more, in either direction; new connections are accepted and left alone. */
  freeze(): void
  /** Ends it: open connections are reset and new ones refused. */
  die(): Promise<void>
}

export async function relayTo(target: string): Promise<Relay> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  let isFrozen = false
  const server = createServer((inside) => {
    const outside = connect(Number(port), hostname)
    for (const [from, to] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      sockets.add(from)
      from.on('data', (chunk) => isFrozen || to.write(chunk))
      from.on('close', () => isFrozen || to.destroy())
      from.on('error', () => undefined)
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('This machine gave no free port on 127.0.0.1')
  return {
    url: `http://127.0.0.1:${address.port}`,
    freeze: () => {
      isFrozen = true
    },
    async die() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.resetAndDestroy()
      await closed
    },
  }
}
