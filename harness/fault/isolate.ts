// isolate: no packet comes to the node or leaves it, on new connections and established ones alike; healed by lifting the rule.
import type { Node } from '../topology/topology.ts'
import type { Kind } from './kind.ts'
import type { NetworkWorld } from './network/network.ts'
import { attestCut, attestHeld, attestReached, type Imposed } from './network/witness.ts'
import { together } from './sighting.ts'

export const isolate = (world: NetworkWorld): Kind => {
  const { network } = world
  const imposed = new Map<string, Imposed>()

  const impose = async (container: string): Promise<void> => {
    imposed.set(container, { since: await network.livesSince(container) })
    await network.impose(container, 'isolate')
  }

  const lift = async (container: string): Promise<void> => {
    const lifted = await network.lift(container)
    const told = imposed.get(container)
    // The first lift knows how the rule fared; a second one finds nothing.
    if (told && !told.lifted) imposed.set(container, { ...told, lifted })
  }

  const each = async (node: Node, act: (container: string) => Promise<void>): Promise<void> => {
    const acts = await Promise.allSettled(node.containers.map(({ id }) => act(id)))
    const failed = acts.find((one) => one.status === 'rejected')
    if (failed) throw failed.reason
  }

  return {
    kind: 'isolate',
    hits: 'both',
    undo: (node) => node.containers.map(({ id }) => ({ act: 'lift', container: id, run: world.run })),
    attestHeld: async (node) =>
      (
        await Promise.all(
          node.containers.map((container) => attestHeld({ world, container }, imposed.get(container.id))),
        )
      ).flat(),
    inject: (node) => each(node, impose),
    attest: async (node, injected) =>
      together(
        await Promise.all(
          node.containers.map((container) =>
            attestCut({ world, container }, injected, () => imposed.get(container.id)),
          ),
        ),
      ),
    heal: (node) => each(node, lift),
    attestClear: async (node, healed) =>
      together(
        await Promise.all(
          node.containers.map((container) =>
            attestReached({ world, container }, healed, () => imposed.get(container.id)),
          ),
        ),
      ),
  }
}
