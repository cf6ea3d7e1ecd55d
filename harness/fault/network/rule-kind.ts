// What every packet rule has in common as a fault: laid on each container of a node, held on a lease, lifted, and witnessed.
import type { FaultKind } from '../../history/event.ts'
import type { Container, Node } from '../../topology/topology.ts'
import type { Hits, Kind } from '../kind.ts'
import { together } from '../sighting.ts'
import { impositions } from './impositions.ts'
import { keptBefore } from './kept.ts'
import type { Kept, NetworkWorld, Rule } from './network.ts'
import { attestCut, attestHeld, attestReached, type Expected } from './witness.ts'

/** A rule as a fault: which one, and what its witnesses have to see. */
export interface RuleFault {
  readonly kind: FaultKind
  readonly hits: Hits
  readonly asked?: Readonly<Record<string, string | number>>
  readonly rule: Rule
  readonly expected: Expected
}

/** The kind that lays one rule on every container of its targets. */
export const ruleKind = (world: NetworkWorld, { kind, hits, asked, rule, expected }: RuleFault): Kind => {
  const kept = new Map<string, Promise<Kept | null>>()
  const laid = impositions(world, {
    // The connection that shall have been there before has to be.
    before: async (container) => kept.get(container),
    lay: (container) => world.network.impose(container, rule),
  })

  const told = (container: Container) => ({ world, container, expected })

  const attestEach = async (node: Node, injected: Promise<void>) => {
    for (const container of node.containers) kept.set(container.id, keptBefore(world, container))
    const acts = node.containers.map(async (container) =>
      attestCut(told(container), injected, {
        kept: (await kept.get(container.id)) ?? null,
        imposed: () => laid.of(container.id),
      }),
    )
    return together(await Promise.all(acts))
  }

  return {
    kind,
    hits,
    ...(asked && { asked }),
    undo: laid.undo,
    inject: laid.impose,
    attest: attestEach,
    attestHeld: async (node) => {
      const said = node.containers.map((container) => attestHeld(told(container), laid.of(container.id)))
      return (await Promise.all(said)).flat()
    },
    heal: async (node) => {
      await laid.lift(node)
      const open = await Promise.all(node.containers.map(({ id }) => kept.get(id)))
      for (const one of open) one?.close()
    },
    attestClear: async (node, healed) => {
      const acts = node.containers.map((container) =>
        attestReached(told(container), healed, () => laid.of(container.id)),
      )
      return together(await Promise.all(acts))
    },
  }
}
