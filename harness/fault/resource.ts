// What cpu, memory, disk and crash share: they are done to each container of a node by itself, from inside or seen from there.
import type { Evidence } from '../history/event.ts'
import type { Container, Node } from '../topology/topology.ts'
import type { Attestation } from './kind.ts'
import { engineSaid, type ProcessWorld } from './process.ts'
import { stillThere, together } from './sighting.ts'

/** Does it for every container of a node. Rejects with the first that would not, once all are done. */
export const each = async (node: Node, act: (container: Container) => Promise<void>): Promise<void> => {
  const acts = await Promise.allSettled(node.containers.map(act))
  const failed = acts.find((one) => one.status === 'rejected')
  if (failed) throw failed.reason
}

/**
 * What is to be seen of every container once the act is done. The act began after the first of the bounds, and had
 * happened when the first thing was seen. `event` is what the engine has to say of it, where it says anything. Of a heal the first
 * thing seen is what the fault had changed: it is left where it is seen still, and not where nobody could look because nothing runs there any more.
 */
export const attestInside = async (
  world: ProcessWorld,
  node: Node,
  options: {
    readonly act: Promise<void>
    readonly witness: (container: Container) => Promise<readonly Evidence[]>
    readonly event?: string
    readonly isHeal?: true
  },
): Promise<Attestation> => {
  const since = world.clock.now()
  await options.act
  const acts = node.containers.map(async (container): Promise<Attestation> => {
    const evidence = await options.witness(container)
    const bounds = [since, evidence[0]?.at ?? world.clock.now()] as const
    const { running, paused } = await world.runtime.state(container.id)
    const seen = { bounds, ...(options.isHeal && (running || paused) && stillThere(evidence.slice(0, 1))) }
    if (options.event === undefined) return { ...seen, evidence }
    return { ...seen, evidence: [...evidence, await engineSaid(world, container, options.event, since)] }
  })
  return together(await Promise.all(acts))
}
