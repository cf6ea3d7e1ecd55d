// What every packet rule has in common as a fault: laid on each container of a node, held on a lease, lifted, and witnessed.
import type { FaultKind } from '../../history/event.ts'
import type { Container, Node } from '../../topology/topology.ts'
import type { Hits, Kind } from '../kind.ts'
import { together } from '../sighting.ts'
import { keptBefore } from './kept.ts'
import type { Kept, NetworkWorld, Rule } from './network.ts'
import { attestCut, attestHeld, attestReached, type Expected, type Imposed } from './witness.ts'

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
  const { network } = world
  const imposed = new Map<string, Imposed>()
  const kept = new Map<string, Promise<Kept | null>>()

  const impose = async (container: string): Promise<void> => {
    // The connection that shall have been there before has to be.
    await kept.get(container)
    imposed.set(container, { since: await network.livesSince(container) })
    await network.impose(container, rule)
  }

  const lift = async (container: string): Promise<void> => {
    const lifted = await network.lift(container)
    const told = imposed.get(container)
    // The first lift knows how the rule fared; a second one finds nothing.
    if (told && !told.lifted) imposed.set(container, { ...told, lifted })
    const open = await kept.get(container)
    open?.close()
  }

  const each = async (node: Node, act: (container: string) => Promise<void>): Promise<void> => {
    const acts = await Promise.allSettled(node.containers.map(({ id }) => act(id)))
    const failed = acts.find((one) => one.status === 'rejected')
    if (failed) throw failed.reason
  }

  const told = (container: Container) => ({ world, container, expected })

  const attestEach = async (node: Node, injected: Promise<void>) => {
    for (const container of node.containers) kept.set(container.id, keptBefore(world, container))
    const acts = node.containers.map(async (container) =>
      attestCut(told(container), injected, {
        kept: (await kept.get(container.id)) ?? null,
        imposed: () => imposed.get(container.id),
      }),
    )
    return together(await Promise.all(acts))
  }

  return {
    kind,
    hits,
    ...(asked && { asked }),
    undo: (node) => node.containers.map(({ id }) => ({ act: 'lift', container: id, run: world.run })),
    inject: (node) => each(node, impose),
    attest: attestEach,
    attestHeld: async (node) => {
      const said = node.containers.map((container) => attestHeld(told(container), imposed.get(container.id)))
      return (await Promise.all(said)).flat()
    },
    heal: (node) => each(node, lift),
    attestClear: async (node, healed) => {
      const acts = node.containers.map((container) =>
        attestReached(told(container), healed, () => imposed.get(container.id)),
      )
      return together(await Promise.all(acts))
    },
  }
}
