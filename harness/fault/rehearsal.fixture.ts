// One injection on a small deployment, from its intent to its end, and whoever calls it out.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { FaultAnalysis } from '../analysis/analysis.ts'
import { faultsOf } from '../analysis/faults.ts'
import type { Event } from '../history/event.ts'
import { openRecorder } from '../history/recorder.ts'
import { createRedactor } from '../history/redact.ts'
import { FaultError } from '../time/errors.ts'
import type { Node } from '../topology/topology.ts'
import { createFaults } from './faults.ts'
import type { Kind } from './kind.ts'
import type { SmallDeployment } from './kit.fixture.ts'

/** What became of one injection. Times in ms since the deployment's run began. */
export interface Rehearsal {
  /** As the report would have it; null when it was refused before it was written down. */
  readonly fault: FaultAnalysis | null
  readonly events: readonly Event[]
  /** Why it does not count as a fault that happened; empty when it does. */
  readonly doubts: readonly string[]
}

/**
 * Injects, does what is to be done while it is in effect, and heals; whatever went wrong is healed too. Rejects on
 * anything but a fault's own error.
 */
export const rehearse = async (
  deployment: Pick<SmallDeployment, 'clock' | 'topology' | 'folder' | 'engineEvents'>,
  { kind, target, during = async () => {} }: { kind: Kind; target: Node; during?: () => Promise<void> },
): Promise<Rehearsal> => {
  const { clock, topology, folder } = deployment
  const since = clock.now()
  const recorder = openRecorder(join(folder, `${randomBytes(6).toString('hex')}.jsonl`), createRedactor([]))
  const faults = createFaults({ recorder, clock, servers: async () => [] })
  const told: string[] = []
  try {
    const fault = await faults.inject(kind, [target])
    await during()
    await fault.heal()
  } catch (error) {
    if (!(error instanceof FaultError)) throw error
    told.push(error.message)
  } finally {
    told.push(...(await faults.healAll()))
    recorder.close()
  }
  const events = [...recorder.events(), ...deployment.engineEvents(since)].sort((a, b) => a.at - b.at)
  const fault = faultsOf(events, topology)[0] ?? null
  return { fault, events, doubts: [...told, ...(fault?.doubts ?? [])] }
}
