// pause: every process of the node stands still, as on a machine that hangs; connections are accepted and nothing answers.
import type { Kind } from './kind.ts'
import { attestFrozen, attestStill, attestThawed, type ProcessWorld, undoEach } from './process.ts'
import { each } from './resource.ts'

export const pause = (world: ProcessWorld): Kind => ({
  kind: 'pause',
  undo: (node) => undoEach(node, 'unpause'),
  attestHeld: (node, since) => attestStill(world, node, since, { state: 'paused', undoneBy: 'unpause' }),
  inject: (node) => each(node, ({ id }) => world.runtime.pause(id)),
  attest: (node, injected) => attestFrozen(world, node, injected),
  heal: (node) => each(node, ({ id }) => world.runtime.unpause(id)),
  attestClear: (node, healed) => attestThawed(world, node, healed),
})
