// stop: the image's own signal, with the container's own time to drain; healed by a start.
import type { Kind } from './kind.ts'
import { attestBack, attestGone, attestStill, type ProcessWorld, startEach, undoEach } from './process.ts'
import { each } from './resource.ts'
import { together } from './sighting.ts'
import { toldToEnd } from './told-to-end.ts'

export const stop = (world: ProcessWorld): Kind => {
  const told = toldToEnd(world.runtime)
  return {
    kind: 'stop',
    undo: (node) => undoEach(node, 'start'),
    attestHeld: (node, since) => attestStill(world, node, since, { state: 'gone', undoneBy: 'start' }),
    inject: (node) => each(node, ({ id }) => told.stop(id)),
    attest: (node, injected) => attestGone(world, node, injected, { graceful: true }),
    heal: (node) => startEach(world, node),
    attestClear: async (node, healed) =>
      together(await Promise.all([attestBack(world, node, healed), told.attestStarted(node, healed)])),
  }
}
