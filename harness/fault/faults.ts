// The way of every fault: intent on disk → injected → attested → held → healed → attested clear.

import { standsIn } from '../history/event.ts'
import type { Recorder } from '../history/recorder.ts'
import type { Clock } from '../time/clock.ts'
import { ScenarioError } from '../time/errors.ts'
import { inTurn } from '../time/turns.ts'
import type { ServerLook } from '../topology/haproxy.ts'
import type { Node } from '../topology/topology.ts'
import { contradictions, isProven, merge } from './attestations.ts'
import { refuseEmptying } from './blast-radius.ts'
import { injectEach } from './each-node.ts'
import type { FaultLog, FaultOptions, Faults, Survival } from './fault.ts'
import { createHealing, type Held } from './healing.ts'
import { type Kind, LONGEST_LIFE_MS } from './kind.ts'
import { clashOf } from './pairs.ts'

const NO_LOG: FaultLog = { intend: async () => {}, clear: async () => {} }

/** Carries out faults on one deployment; `servers` looks at every balancer afresh. */
export const createFaults = (world: {
  recorder: Recorder
  clock: Clock
  servers(): Promise<readonly ServerLook[]>
  log?: FaultLog
  /** What else knows of nodes that must not be lost together: each throws ScenarioError ERR_BLAST_RADIUS. */
  survivals?: readonly Survival[]
  /** A fault that is still being injected is waited for so long before it is healed; 20 s by default. */
  landingLimitMs?: number
}): Faults => {
  const { recorder, clock, log = NO_LOG, survivals = [] } = world
  const { fail, heal, endOfLife } = createHealing({ ...world, log })
  const held: Held[] = []
  let sealed = false
  let count = 0

  /** Who stands in for a node may serve, and the balancers know best whether it does. */
  const mayServe = ({ kind, stage, since }: Held): boolean => standsIn(kind) && stage === 'held' && since !== null

  const broken = (): readonly string[] =>
    held.filter((fault) => fault.stage !== 'healed' && !mayServe(fault)).flatMap((fault) => fault.broken)

  const refuse = async (kind: Kind, targets: readonly string[], options: FaultOptions): Promise<void> => {
    const what = `${kind.kind} of ${targets.join(', ') || 'nothing'}`
    if (sealed)
      throw new ScenarioError(`Refused ${what}: the drill is over and its faults are sealed.`, { code: 'ERR_SEALED' })
    if (targets.length === 0)
      throw new ScenarioError(`Refused ${what}: expected at least one node.`, { code: 'ERR_NO_TARGET' })
    for (const fault of held.filter((each) => each.stage !== 'healed')) {
      const clash = clashOf(fault, { ...kind, broken: targets })
      if (clash === null) continue
      throw new ScenarioError(
        `Refused ${what}: ${fault.kind} of ${clash.names.join(', ')} is still in effect, and ${clash.because}. Heal it first.`,
        { code: 'ERR_FAULT_PAIR' },
      )
    }
    if (options.plannedDowntime) return
    const blast = { kind: kind.kind, targets, broken: broken() }
    if (!options.claimsSurvival) refuseEmptying({ ...blast, servers: await world.servers() })
    for (const survives of survivals) await survives(blast)
  }

  const turn = inTurn()

  /**
   * Refuses it, or begins to inject it; in turn, since of two that are asked for at once the second has to find the first among
   * what is broken.
   */
  const begin = async (kind: Kind, targets: readonly Node[], options: FaultOptions) => {
    const names = targets.map((node) => node.name)
    await refuse(kind, names, options)
    await Promise.all(targets.map((node) => kind.check?.(node)))
    count += 1
    const told = {
      kind: 'fault',
      id: `${kind.kind}-${count}`,
      fault: kind.kind,
      targets: names,
      ...(kind.asked && { asked: kind.asked }),
      ...(options.plannedDowntime && { plannedDowntime: true }),
    } as const
    const longestMs = kind.longestMs ?? LONGEST_LIFE_MS
    const fault: Held = {
      id: told.id,
      kind: kind.kind,
      targets,
      broken: names,
      otherSide: kind.otherSide ?? [],
      stage: 'held',
      since: null,
      landing: Promise.resolve(),
      heal: (order) => heal(fault, kind, { by: sealed ? 'fixture' : 'script', ...(order && { order }) }),
    }
    await recorder.recordSynced({ ...told, at: clock.now(), stage: 'intent' })
    await log.intend({
      id: fault.id,
      kind: kind.kind,
      targets: names,
      undo: targets.flatMap((node) => kind.undo(node)),
      longestMs,
    })
    // Looked at once more: the drill may have ended meanwhile, and nobody would heal it. Nothing is awaited from here on.
    if (sealed) {
      // Undoing what was never done does no harm.
      await log.clear(fault.id).catch(() => {})
      throw fail(fault, names, 'the drill was over before anything was touched')
    }
    held.push(fault)
    fault.limit = setTimeout(() => void endOfLife(fault, kind, longestMs), longestMs)
    fault.limit.unref()
    const landing = injectEach(kind, targets)
    fault.landing = landing
    return { told, fault, landing }
  }

  return {
    async inject(kind, targets, options = {}) {
      const { told, fault, landing } = await turn(() => begin(kind, targets, options))
      const names = fault.broken
      const { outcome, attestations } = await landing
      if (outcome !== null)
        throw fail(fault, names, `would not land: ${(outcome as Error).message}`, merge(attestations).evidence, outcome)
      recorder.record({ ...told, at: clock.now(), stage: 'injected' })
      if (attestations.length < targets.length || !isProven(targets, attestations)) {
        throw fail(fault, names, 'injected, but nobody could attest that it is in effect', merge(attestations).evidence)
      }
      const [contradiction] = contradictions(attestations)
      if (contradiction !== undefined)
        throw fail(fault, names, `injected, but it is contradicted: ${contradiction}`, merge(attestations).evidence)
      const proof = merge(attestations)
      fault.since = proof.bounds?.[1] ?? clock.now()
      recorder.record({ ...told, ...proof, at: clock.now(), stage: 'in-effect' })
      return fault
    },
    async healAll() {
      sealed = true
      const left: string[] = []
      for (const fault of held.toReversed()) {
        await fault.heal().catch((error: unknown) => left.push((error as Error).message))
      }
      return left
    },
    inEffect: () =>
      held.filter((fault) => fault.stage === 'held').map((fault) => `${fault.kind} of ${fault.broken.join(', ')}`),
    broken,
  }
}
