// A deployment small enough to know the truth about: it answers at once, until it is held up or stopped.
import { once } from 'node:events'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface StoppableServer {
  readonly url: string
  /** Ends every connection and refuses new ones. */
  stop(): Promise<void>
  /** Listens again on the same port. */
  start(): Promise<void>
  /** Ends the connections on which nobody waits for anything, as a balancer does after a while. */
  closeIdle(): void
  /** Answers nobody until it is let go, then everybody who waits. */
  hold(): void
  letGo(): void
}

export const startStoppableServer = async (node: string): Promise<StoppableServer> => {
  let held: (() => void)[] | null = null
  const answer: RequestListener = (request, response) => {
    const act = (): void => reply(response, node, String(request.headers['x-request-id']))
    if (held) held.push(act)
    else act()
  }
  const listen = async (port: number) => {
    const server = createServer(answer)
    // Its own patience with an idle connection is not what is tested.
    server.keepAliveTimeout = 600_000
    await once(server.listen({ port, host: '127.0.0.1', backlog: 4096 }), 'listening')
    return server
  }
  let server = await listen(0)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
    start: async () => {
      server = await listen(port)
    },
    closeIdle: () => server.closeIdleConnections(),
    hold: () => {
      held = []
    },
    letGo: () => {
      const waiting = held ?? []
      held = null
      for (const act of waiting) act()
    },
  }
}

const reply = (response: ServerResponse, node: string, id: string): void => {
  // Said outright, so that no word on how long it is kept goes with it: balancers say none.
  response.writeHead(200, {
    'content-type': 'application/json',
    'x-firedrill-node': node,
    connection: 'keep-alive',
  })
  response.end(`{"requestId":"${id}"}`)
}
