// kill: SIGKILL to every process of the node at once, no goodbye; healed by a start.
import type { Kind } from './kind.ts'
import { attestBack, attestGone, attestStill, type ProcessWorld, startEach, undoEach } from './process.ts'
import { each } from './resource.ts'

export const kill = (world: ProcessWorld): Kind => ({
  kind: 'kill',
  undo: (node) => undoEach(node, 'start'),
  attestHeld: (node, since) => attestStill(world, node, since, { state: 'gone', undoneBy: 'start' }),
  inject: (node) => each(node, ({ id }) => world.runtime.kill(id)),
  attest: (node, injected) => attestGone(world, node, injected, { graceful: false }),
  heal: (node) => startEach(world, node),
  attestClear: (node, healed) => attestBack(world, node, healed),
})
