// Puts another container in the place of each of a node's, and gives them back their places: what replace, upgrade and reconfigure share.
import { FaultError } from '../../time/errors.ts'
import type { Container } from '../../topology/topology.ts'
import type { Kind } from '../kind.ts'
import type { ProcessWorld } from '../process.ts'
import { each } from '../resource.ts'
import { type ToldToEnd, toldToEnd } from '../told-to-end.ts'
import { isUnfit, type Replacements } from './docker.ts'
import type { Original } from './original.ts'

export interface TakingPlace {
  /** A container as it was found by `check`. Throws FaultError where nobody looked at it. */
  originalOf(container: Container): Original
  /** Whether the node's own containers, told to end by `inject`, have been started since. */
  readonly attestStarted: ToldToEnd['attestStarted']
  readonly acts: Pick<Kind, 'inject' | 'heal'> & Required<Pick<Kind, 'check' | 'undo'>>
}

/** `mayBeUnfit`: one that the engine cannot start for what it is made of has taken the place all the same. */
export const takingPlaceOf = (
  { runtime, keepLog }: ProcessWorld,
  replacements: Replacements,
  { mayBeUnfit = false }: { readonly mayBeUnfit?: boolean } = {},
): TakingPlace => {
  const originals = new Map<string, Original>()
  const told = toldToEnd(runtime)

  const originalOf = ({ id, name }: Container): Original => {
    const original = originals.get(id)
    if (original) return original
    throw new FaultError(`Nobody looked at ${name} before another was to stand in its place.`, { code: 'ERR_REPLACE' })
  }

  const inject = async (container: Container): Promise<void> => {
    const original = originalOf(container)
    await replacements.keepDown(original)
    await told.stop(container.id)
    await replacements.put(original).catch((error: unknown) => {
      if (!mayBeUnfit || !isUnfit(error)) throw error
    })
  }

  /** What the other serves it ends in its own time, like the one before it; only then it goes. */
  const heal = async (container: Container): Promise<void> => {
    const { id, name, restart } = originalOf(container)
    const other = await replacements.find(id)
    if (other?.isRunning) await runtime.stop(other.id)
    // What it wrote goes with it, and may be why nobody trusted it.
    if (other) await keepLog?.(container, other.id)
    await replacements.reinstate({ container: id, name, restart })
    await runtime.start(id)
  }

  return {
    originalOf,
    attestStarted: told.attestStarted,
    acts: {
      check: (node) => each(node, async ({ id }) => void originals.set(id, await replacements.look(id))),
      // Undone last first: it is itself again, and then it is started.
      undo: (node) =>
        node.containers.flatMap((container) => {
          const { id, name, restart } = originalOf(container)
          return [
            { act: 'start', container: id },
            { act: 'reinstate', container: id, name, restart },
          ]
        }),
      inject: (node) => each(node, inject),
      heal: (node) => each(node, heal),
    },
  }
}
