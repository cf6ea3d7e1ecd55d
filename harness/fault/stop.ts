// stop: the image's own signal, with the container's own time to drain; healed by a start.
import type { Node } from '../topology/topology.ts'
import type { Kind } from './kind.ts'
import { attestBack, attestGone, attestStill, type ProcessWorld, startEach, undoEach } from './process.ts'
import { each } from './resource.ts'

export const stop = (world: ProcessWorld): Kind => {
  const { runtime } = world
  /** By container: the start that it was told to end. */
  const told = new Map<string, string>()

  /**
   * A stop goes on in the engine though the request for it broke, and an engine that was restarted has forgotten whom it told: found
   * running, and left alone by a start, such a container ends afterwards.
   */
  const mayEndYet = async ({ containers }: Node): Promise<readonly string[]> => {
    const left: string[] = []
    for (const { id, name } of containers)
      if (told.has(id) && (await runtime.state(id)).startedAt === told.get(id))
        left.push(`${name} was told to end, and has not been started since: it may end yet`)
    return left
  }

  return {
    kind: 'stop',
    undo: (node) => undoEach(node, 'start'),
    attestHeld: (node, since) => attestStill(world, node, since, { state: 'gone', undoneBy: 'start' }),
    inject: (node) =>
      each(node, async ({ id }) => {
        told.set(id, (await runtime.state(id)).startedAt)
        await runtime.stop(id)
      }),
    attest: (node, injected) => attestGone(world, node, injected, { graceful: true }),
    heal: (node) => startEach(world, node),
    attestClear: async (node, healed) => {
      const back = await attestBack(world, node, healed)
      const left = [...(back.left ?? []), ...(await mayEndYet(node))]
      return { ...back, ...(left.length > 0 && { left }) }
    },
  }
}
