// Whose a container is, by its labels: asked of the engine for one that was seen by its id alone.
import { runOf } from '../setup/run-name.ts'
import { docker, isGone } from './docker.ts'
import { callersIn } from './topology.ts'

/**
 * What goes by the container's work in a run: its node, 'callers' and 'callers-<zone>', 'echo', or its Compose service where it is no node's. Null for
 * one of another run or of none, for a fault's helper, and for one that is gone. Rejects where the engine does not say.
 */
export const whoseContainer = async (run: string, id: string): Promise<string | null> => {
  try {
    const { Config } = await docker().getContainer(id).inspect()
    return ownerIn(run, Config.Labels)
  } catch (error) {
    if (isGone(error)) return null
    throw error
  }
}

/** The same, of labels. */
export const ownerIn = (run: string, labels: Readonly<Record<string, string>>): string | null => {
  if (runOf(labels) !== run) return null
  const { 'firedrill.node': node, 'firedrill.part': part, 'firedrill.zone': zone = 'outside' } = labels
  if (node !== undefined) return node
  if (part === 'callers') return zone === 'outside' ? part : callersIn(zone)
  if (part !== undefined) return part === 'echo' ? part : null
  return labels['com.docker.compose.service'] ?? null
}
