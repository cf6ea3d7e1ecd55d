// drain: the balancers are told to give a node nothing new; healed by telling them to trust it again.
import { setTimeout as pause } from 'node:timers/promises'
import { type Evidence, isTrusted } from '../history/event.ts'
import type { Clock } from '../time/clock.ts'
import { type Balancer, lookOnceAt, type ServerLook, setServer } from '../topology/haproxy.ts'
import type { Node } from '../topology/topology.ts'
import type { Attestation, Kind } from './kind.ts'
import { stillThere } from './sighting.ts'

const LOOK_LIMIT_MS = 5000
const NEXT_LOOK_MS = 20

type Server = ServerLook & { readonly balancer: Balancer }

const serversOf = async (balancers: readonly Balancer[], node: Node): Promise<readonly Server[]> => {
  const looks = await Promise.all(
    balancers.map(async (balancer) => (await lookOnceAt(balancer)).map((look) => ({ ...look, balancer }))),
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
  clock: Clock,
  look: () => Promise<readonly Server[]>,
  isSo: (server: Server) => boolean,
  act: Promise<void>,
): Promise<Attestation> => {
  let last = clock.now()
  await act
  const until = clock.now() + LOOK_LIMIT_MS
  for (;;) {
    const at = clock.now()
    const servers = await look()
    const done = servers.length > 0 && servers.every(isSo)
    if (done || clock.now() > until) {
      // After a heal: who drains still. Asked for a drain, nobody does who should not.
      const left = stillThere(said(servers, (server) => isSo(server) || !isDraining(server), at))
      return { evidence: said(servers, isSo, at), bounds: done ? [last, clock.now()] : null, ...left }
    }
    last = at
    await pause(NEXT_LOOK_MS)
  }
}

export const drain = (world: { balancers: readonly Balancer[]; clock: Clock }): Kind => {
  /** By node: the balancers that had such a server when it was drained. What became of the others since is no matter of it. */
  const holders = new Map<string, readonly Balancer[]>()
  const holdersOf = ({ name }: Node): readonly Balancer[] => holders.get(name) ?? world.balancers
  const drained = async (node: Node): Promise<void> => {
    const servers = await serversOf(world.balancers, node)
    holders.set(
      node.name,
      world.balancers.filter((balancer) => servers.some((server) => server.balancer === balancer)),
    )
    await Promise.all(servers.map((server) => setServer(server.balancer, server, 'drain')))
  }
  /** Each by itself: one that is away keeps none of the others from it, and is told once they are through. */
  const trusted = async (node: Node): Promise<void> => {
    const told = await Promise.allSettled(
      holdersOf(node).map(async (balancer) => {
        const servers = await serversOf([balancer], node)
        await Promise.all(servers.map((server) => setServer(balancer, server, 'ready')))
      }),
    )
    for (const each of told) if (each.status === 'rejected') throw each.reason
  }
  const look = (node: Node): Promise<readonly Server[]> => serversOf(holdersOf(node), node)
  return {
    kind: 'drain',
    undo: (node) =>
      world.balancers.map(({ container, port }) => ({
        act: 'trust',
        ...(container !== undefined && { container }),
        port,
        node: node.name,
      })),
    // What is drained may be restarted, and is out then: as long as nobody trusts it, it has no traffic.
    attestHeld: async (node) => said(await look(node), isUntrusted, world.clock.now()),
    inject: drained,
    attest: (node, injected) => attestState(world.clock, () => look(node), isDraining, injected),
    heal: trusted,
    attestClear: (node, healed) =>
      attestState(
        world.clock,
        () => look(node),
        (server) => server.state !== 'draining' && server.state !== 'maintenance',
        healed,
      ),
  }
}
