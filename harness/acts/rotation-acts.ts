// What a script asks and sees of the balancers: that they give a node nothing, drop it, and trust it again.
import type { Settings } from '../history/event.ts'
import type { Recorder } from '../history/recorder.ts'
import type { Clock } from '../time/clock.ts'
import { ScenarioError } from '../time/errors.ts'
import { dropWaitMs } from '../topology/check.ts'
import { listed, type Targets } from '../topology/group.ts'
import type { Node } from '../topology/topology.ts'
import type { RotationWatch } from '../traffic/rotation.ts'
import type { FaultInEffect } from './fault-acts.ts'
import { type Named, names } from './steps.ts'
import { admissionWaitMs, checksOn, lastActOn, longestOf, mustStart, wholeCheckMs } from './waits.ts'

export interface RotationActs {
  /** Has every balancer give these nodes no new calls, until that is healed. */
  drain(nodes: Targets): Promise<FaultInEffect>
  /** Waits until no balancer trusts these nodes any more. False where the wait ran out, which is on record and a finding. */
  drops(nodes: Targets): Promise<boolean>
  /** Waits until every balancer trusts these nodes. False where the wait ran out: check it before going on to the next node. */
  admits(nodes: Targets): Promise<boolean>
}

/** `drains` carries a drain out as any other fault. */
export const rotationActs = (
  {
    rotation,
    settings,
    recorder,
    clock,
  }: {
    readonly rotation: RotationWatch
    readonly settings: Settings
    readonly recorder: Recorder
    readonly clock: Clock
  },
  { step, drains }: { readonly step: Named; readonly drains: RotationActs['drain'] },
): RotationActs => {
  const observe = async (
    observed: 'drops' | 'admits',
    nodes: Targets,
    look: (node: Node) => Promise<boolean>,
  ): Promise<boolean> => {
    if (listed(nodes).length === 0)
      throw new ScenarioError(
        `Refused to wait until the balancers' rotation ${observed} nobody: the group is empty in this deployment.`,
        { code: 'ERR_EMPTY_GROUP' },
      )
    const from = clock.now()
    const seen = await Promise.all(listed(nodes).map(look))
    const missing = listed(nodes).filter((_, i) => !seen[i])
    const told = missing.length ? missing : listed(nodes)
    recorder.record({
      kind: 'observation',
      at: clock.now(),
      observed,
      nodes: told.map((node) => node.name),
      outcome: missing.length ? 'ran-out' : 'seen',
      waitedMs: clock.now() - from,
    })
    return missing.length === 0
  }

  return {
    drain: drains,
    drops: (nodes) =>
      step(`The balancers drop ${names(nodes)}`, () =>
        observe('drops', nodes, (node) =>
          rotation.dropped(node, longestOf(checksOn(node.name, settings, recorder.events()), dropWaitMs)),
        ),
      ),
    admits: (nodes) =>
      step(`The balancers admit ${names(nodes)}`, () =>
        observe('admits', nodes, (node) => {
          const events = recorder.events()
          const checks = checksOn(node.name, settings, events)
          const hasToStart = mustStart(events, node.name)
          return rotation.admitted(node, {
            actedAt: lastActOn(events, node.name),
            wholeCheckMs: longestOf(checks, wholeCheckMs),
            limitMs: longestOf(checks, (check) => admissionWaitMs(check, { mustStart: hasToStart })),
          })
        }),
      ),
  }
}
