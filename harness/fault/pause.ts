// pause: every process of the node stands still, as on a machine that hangs; connections are accepted and nothing answers.
import type { Kind } from './kind.ts'
import { attestFrozen, attestStill, attestThawed, type ProcessWorld, undoEach } from './process.ts'

export const pause = (world: ProcessWorld): Kind => ({
  kind: 'pause',
  undo: (node) => undoEach(node, 'unpause'),
  attestHeld: (node, since) => attestStill(world, node, since, { state: 'paused', undoneBy: 'unpause' }),
  inject: async (node) => void (await Promise.all(node.containers.map((each) => world.runtime.pause(each.id)))),
  attest: (node, injected) => attestFrozen(world, node, injected),
  heal: async (node) => void (await Promise.all(node.containers.map((each) => world.runtime.unpause(each.id)))),
  attestClear: (node, healed) => attestThawed(world, node, healed),
})
