// drain: the balancers are told to give a node nothing new; healed by telling them to trust it again.
import { setTimeout as pause } from 'node:timers/promises'
import { type Evidence, isTrusted } from '../history/event.ts'
import type { Clock } from '../time/clock.ts'
import { type Balancer, lookAt, type ServerLook, setServer } from '../topology/haproxy.ts'
import type { Node } from '../topology/topology.ts'
import type { Attestation, Kind } from './kind.ts'

const LOOK_LIMIT_MS = 5000
const NEXT_LOOK_MS = 20

type Server = ServerLook & { readonly balancer: Balancer }

const serversOf = async (balancers: readonly Balancer[], node: Node): Promise<readonly Server[]> => {
  const looks = await Promise.all(
    balancers.map(async (balancer) => (await lookAt(balancer)).map((look) => ({ ...look, balancer }))),
  )
  return looks.flat().filter((server) => server.node === node.name)
}

const said = (servers: readonly Server[], isSo: (server: Server) => boolean, at: number): readonly Evidence[] =>
  servers.map((server) => ({
    source: 'balancer state',
    said: `${server.balancer.name} holds ${server.backend}/${server.node} as ${server.state}`,
    confirms: isSo(server),
    at,
  }))

const isUntrusted = (server: Server): boolean => !isTrusted(server.state)
const isDraining = (server: Server): boolean => server.state === 'draining'

/** Looks until the balancers' own state shows what was asked, or the limit passes. */
const attestState = async (
  world: { balancers: readonly Balancer[]; clock: Clock },
  node: Node,
  isSo: (server: Server) => boolean,
  act: Promise<void>,
): Promise<Attestation> => {
  let last = world.clock.now()
  await act
  const until = world.clock.now() + LOOK_LIMIT_MS
  for (;;) {
    const at = world.clock.now()
    const servers = await serversOf(world.balancers, node)
    const done = servers.length > 0 && servers.every(isSo)
    if (done || world.clock.now() > until) {
      const evidence = said(servers, isSo, at)
      return { evidence, bounds: done ? [last, world.clock.now()] : null }
    }
    last = at
    await pause(NEXT_LOOK_MS)
  }
}

export const drain = (world: { balancers: readonly Balancer[]; clock: Clock }): Kind => {
  const tell = async (node: Node, state: 'drain' | 'ready'): Promise<void> => {
    const servers = await serversOf(world.balancers, node)
    await Promise.all(servers.map((server) => setServer(server.balancer, server, state)))
  }
  return {
    kind: 'drain',
    undo: (node) => world.balancers.map(({ port }) => ({ act: 'trust', port, node: node.name })),
    // What is drained may be restarted, and is out then: as long as nobody trusts it, it has no traffic.
    attestHeld: async (node) => said(await serversOf(world.balancers, node), isUntrusted, world.clock.now()),
    inject: (node) => tell(node, 'drain'),
    attest: (node, injected) => attestState(world, node, isDraining, injected),
    heal: (node) => tell(node, 'ready'),
    attestClear: (node, healed) =>
      attestState(world, node, (server) => server.state !== 'draining' && server.state !== 'maintenance', healed),
  }
}
