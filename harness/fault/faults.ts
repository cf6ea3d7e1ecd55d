// The way of every fault: intent on disk → injected → attested → held → healed → attested clear.

import type { Evidence, FaultKind } from '../history/event.ts'
import type { Recorder } from '../history/recorder.ts'
import type { Clock } from '../time/clock.ts'
import { FaultError, ScenarioError } from '../time/errors.ts'
import type { ServerLook } from '../topology/haproxy.ts'
import type { Node } from '../topology/topology.ts'
import { refuseEmptying } from './blast-radius.ts'
import type { Attestation, Kind } from './kind.ts'

/** A fault in effect. */
export interface Fault {
  readonly id: string
  readonly kind: FaultKind
  readonly targets: readonly Node[]
  /** Puts it right and waits until that is attested. A second call does nothing. */
  heal(): Promise<void>
}

/** Asked of a fault beyond its target. */
export interface FaultOptions {
  /** Nobody may survive this one: said by the scenario, printed on the verdict. */
  readonly plannedDowntime?: boolean
}

/** What injects, and heals what the script forgot. */
export interface Faults {
  inject(kind: Kind, targets: readonly Node[], options?: FaultOptions): Promise<Fault>
  /**
   * Heals what is not healed, last injected first; resolves with what would not heal. No fault from here on: a script that
   * timed out is not cancelled and may still ask.
   */
  healAll(): Promise<readonly string[]>
  /** What is in effect, for people: 'stop of control-plane-1'. */
  inEffect(): readonly string[]
}

interface Held extends Fault {
  readonly broken: readonly string[]
  stage: 'held' | 'healing' | 'healed'
}

const merge = (
  attestations: readonly Attestation[],
): { evidence: readonly Evidence[]; bounds?: readonly [number, number] } => {
  const bounds = attestations.map((each) => each.bounds).filter((each) => each !== null)
  return {
    evidence: attestations.flatMap((each) => each.evidence),
    ...(bounds.length > 0 && {
      bounds: [
        Math.max(...bounds.map(([atLeast]) => atLeast)),
        Math.max(...bounds.map(([, atMost]) => atMost)),
      ] as const,
    }),
  }
}

const isProven = (targets: readonly Node[], attestations: readonly Attestation[]): boolean =>
  targets.length > 0 && attestations.every((each) => each.evidence.some((evidence) => evidence.confirms))

/** Carries out faults on one deployment; `servers` looks at every balancer afresh. */
export const createFaults = (world: {
  recorder: Recorder
  clock: Clock
  servers(): Promise<readonly ServerLook[]>
}): Faults => {
  const { recorder, clock } = world
  const held: Held[] = []
  let sealed = false
  let count = 0

  const broken = (): readonly string[] =>
    held.filter((fault) => fault.stage !== 'healed').flatMap((fault) => fault.broken)

  const fail = (
    fault: Pick<Fault, 'id' | 'kind'>,
    targets: readonly string[],
    because: string,
    evidence?: readonly Evidence[],
    cause?: unknown,
  ): FaultError => {
    recorder.record({
      kind: 'fault',
      at: clock.now(),
      id: fault.id,
      fault: fault.kind,
      targets,
      stage: 'failed',
      because,
      ...(evidence && { evidence }),
    })
    return new FaultError(`${fault.kind} of ${targets.join(', ')}: ${because}`, { code: 'ERR_FAULT', cause })
  }

  const healing = async (fault: Held, kind: Kind, by: 'script' | 'fixture'): Promise<void> => {
    if (fault.stage === 'healed') return
    const told = { kind: 'fault', id: fault.id, fault: fault.kind, targets: fault.broken } as const
    await recorder.recordSynced({
      ...told,
      at: clock.now(),
      stage: 'heal',
      ...(by === 'fixture' && { because: 'fixture' }),
    })
    fault.stage = 'healing'
    const acts = fault.targets.map((node) => {
      const healed = Promise.withResolvers<void>()
      const clear = kind.attestClear(node, healed.promise)
      return { node, healed, clear }
    })
    // One node after another: the engine's own work for several starts at once would take the processors from the rest.
    const healAll = async (): Promise<void> => {
      for (const { node, healed } of acts) {
        await kind.heal(node).then(healed.resolve, healed.reject)
        await healed.promise
      }
    }
    try {
      await healAll()
      recorder.record({ ...told, at: clock.now(), stage: 'healed' })
      const attestations = await Promise.all(acts.map((act) => act.clear))
      if (!isProven(fault.targets, attestations))
        throw fail(fault, fault.broken, 'healed, but nobody could attest it', merge(attestations).evidence)
      fault.stage = 'healed'
      recorder.record({ ...told, ...merge(attestations), at: clock.now(), stage: 'clear' })
    } catch (error) {
      await Promise.allSettled(acts.map((act) => act.clear))
      if (error instanceof FaultError) throw error
      throw fail(fault, fault.broken, `would not heal: ${(error as Error).message}`, undefined, error)
    }
  }

  const refuse = async (kind: Kind, targets: readonly string[], options: FaultOptions): Promise<void> => {
    const what = `${kind.kind} of ${targets.join(', ') || 'nothing'}`
    if (sealed)
      throw new ScenarioError(`Refused ${what}: the drill is over and its faults are sealed.`, { code: 'ERR_SEALED' })
    if (targets.length === 0)
      throw new ScenarioError(`Refused ${what}: expected at least one node.`, { code: 'ERR_NO_TARGET' })
    // A drained node may be restarted: that is what draining is for. Any other pair on one node waits for its issue.
    const twice = held.find(
      (fault) =>
        fault.stage !== 'healed' && fault.kind !== 'drain' && fault.broken.some((name) => targets.includes(name)),
    )
    if (twice) {
      throw new ScenarioError(
        `Refused ${what}: ${twice.kind} of ${twice.broken.join(', ')} is still in effect. Heal it first.`,
        { code: 'ERR_FAULT_PAIR' },
      )
    }
    if (!options.plannedDowntime)
      refuseEmptying({ kind: kind.kind, targets, broken: broken(), servers: await world.servers() })
  }

  return {
    async inject(kind, targets, options = {}) {
      const names = targets.map((node) => node.name)
      await refuse(kind, names, options)
      count += 1
      const told = {
        kind: 'fault',
        id: `${kind.kind}-${count}`,
        fault: kind.kind,
        targets: names,
        ...(options.plannedDowntime && { plannedDowntime: true }),
      } as const
      const fault: Held = {
        id: told.id,
        kind: kind.kind,
        targets,
        broken: names,
        stage: 'held',
        heal: () => healing(fault, kind, sealed ? 'fixture' : 'script'),
      }
      await recorder.recordSynced({ ...told, at: clock.now(), stage: 'intent' })
      held.push(fault)
      const acts = targets.map((node) => {
        const injected = Promise.withResolvers<void>()
        return { node, injected, attested: kind.attest(node, injected.promise) }
      })
      const landed = acts.map(async ({ node, injected }) => {
        await kind.inject(node).then(injected.resolve, injected.reject)
        await injected.promise
      })
      const outcome = await Promise.all(landed).then(
        () => null,
        (error: unknown) => error,
      )
      const attested = await Promise.allSettled(acts.map((act) => act.attested))
      const attestations = attested.filter((each) => each.status === 'fulfilled').map((each) => each.value)
      if (outcome !== null)
        throw fail(fault, names, `would not land: ${(outcome as Error).message}`, merge(attestations).evidence, outcome)
      recorder.record({ ...told, at: clock.now(), stage: 'injected' })
      if (attestations.length < targets.length || !isProven(targets, attestations)) {
        throw fail(fault, names, 'injected, but nobody could attest that it is in effect', merge(attestations).evidence)
      }
      recorder.record({ ...told, ...merge(attestations), at: clock.now(), stage: 'in-effect' })
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
  }
}
