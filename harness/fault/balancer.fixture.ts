// A balancer in memory that speaks over its socket as HAProxy does: what it thinks of its servers, and that it is told otherwise.
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import type { Balancer } from '../topology/haproxy.ts'

export interface SmallBalancer extends Balancer {
  /** By node: 'UP', or 'DRAIN'. */
  readonly states: Map<string, string>
  /** So long it takes over each answer from now on. */
  slow(ms: number): void
  /** It is away from now on. Again does nothing. */
  stop(): void
}

/** Starts one with a backend of its own name, and trusts these nodes. */
export const startBalancer = async (name: string, nodes: readonly string[]): Promise<SmallBalancer> => {
  const states = new Map(nodes.map((node) => [node, 'UP']))
  const answerTo = (command: string): string => {
    const [, node, state] = /^set server [^/]+\/(\S+) state (\w+)/.exec(command) ?? []
    if (node && state) {
      states.set(node, state === 'drain' ? 'DRAIN' : 'UP')
      return '\n'
    }
    const lines = [...states].map(([each, status]) => `${name},${each},${status},L7OK,200`)
    return `${['# pxname,svname,status,check_status,check_code', ...lines].join('\n')}\n`
  }
  let takesMs = 0
  const server = createServer({ allowHalfOpen: true }, async (socket) => {
    const command = await text(socket)
    await pause(takesMs)
    socket.end(answerTo(command))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const slow = (ms: number): void => {
    takesMs = ms
  }
  return { name, port: (server.address() as AddressInfo).port, states, slow, stop: () => void server.close() }
}
