// Whom a fault of this process told to end: a stop goes on in the engine though the request for it broke.
import type { Node } from '../topology/topology.ts'
import type { Attestation } from './kind.ts'
import type { Runtime } from './runtime.ts'

export interface ToldToEnd {
  /** Stops it, and remembers which start of it is to end. */
  stop(container: string): Promise<void>
  /**
   * Once healed: who has not been started since is left of the fault. An engine that was restarted has forgotten whom it told: found
   * running, and left alone by a start, such a container ends afterwards.
   */
  attestStarted(node: Node, healed: Promise<void>): Promise<Attestation>
}

export const toldToEnd = (runtime: Runtime): ToldToEnd => {
  /** By container: the start that it was told to end. */
  const told = new Map<string, string>()

  return {
    async stop(id) {
      told.set(id, (await runtime.state(id)).startedAt)
      await runtime.stop(id)
    },
    async attestStarted({ containers }, healed) {
      await healed
      const left: string[] = []
      for (const { id, name } of containers)
        if (told.has(id) && (await runtime.state(id)).startedAt === told.get(id))
          left.push(`${name} was told to end, and has not been started since: it may end yet`)
      return { evidence: [], bounds: null, ...(left.length > 0 && { left }) }
    },
  }
}
