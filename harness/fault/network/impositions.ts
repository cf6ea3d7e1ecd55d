// What a network fault lays on the containers of a node and takes away again, and what its witnesses have to know of that.
import type { Node } from '../../topology/topology.ts'
import { each } from '../resource.ts'
import type { Undo } from '../undo.ts'
import type { NetworkWorld } from './network.ts'
import type { Imposed } from './witness.ts'

/** The half of a network fault that acts. */
export interface Impositions {
  /** What was laid on a container, and how it ended; undefined where nothing was. */
  of(container: string): Imposed | undefined
  undo(node: Node): readonly Undo[]
  impose(node: Node): Promise<void>
  lift(node: Node): Promise<void>
}

/** How it is laid on one container, and what has to be over before: what shall have been seen before has to be. */
export interface Imposing {
  lay(container: string): Promise<void>
  before(container: string): Promise<unknown>
}

/** Nothing is laid yet. */
export const impositions = ({ network, run }: NetworkWorld, { lay, before }: Imposing): Impositions => {
  const imposed = new Map<string, Imposed>()
  return {
    of: (container) => imposed.get(container),
    undo: (node) => node.containers.map(({ id }) => ({ act: 'lift', container: id, run })),
    impose: (node) =>
      each(node, async ({ id: container }) => {
        await before(container)
        imposed.set(container, { since: await network.livesSince(container) })
        await lay(container)
      }),
    lift: (node) =>
      each(node, async ({ id: container }) => {
        const lifted = await network.lift(container)
        const told = imposed.get(container)
        // The first lift knows how the rule fared; a second one finds nothing.
        if (told && !told.lifted) imposed.set(container, { ...told, lifted })
      }),
  }
}
