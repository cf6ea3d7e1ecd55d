// The way of every fault: intent on disk → injected → attested → held → healed → attested clear.

import { type Evidence, type FaultKind, standsIn } from '../history/event.ts'
import type { Recorder } from '../history/recorder.ts'
import type { Clock } from '../time/clock.ts'
import { FaultError, ScenarioError } from '../time/errors.ts'
import { inTurn, settlesWithin } from '../time/turns.ts'
import type { ServerLook } from '../topology/haproxy.ts'
import type { Node } from '../topology/topology.ts'
import { contradictions, isProven, merge } from './attestations.ts'
import { type Blast, refuseEmptying } from './blast-radius.ts'
import { healEach, injectEach } from './each-node.ts'
import { type Kind, LONGEST_LIFE_MS } from './kind.ts'
import { whyNot } from './pairs.ts'
import type { Undo } from './undo.ts'

/** A fault in effect. */
export interface Fault {
  readonly id: string
  readonly kind: FaultKind
  readonly targets: readonly Node[]
  /** Puts it right, node after node, in the order given or that of the targets, and waits until that is attested. A second call does nothing. */
  heal(order?: readonly Node[]): Promise<void>
}

/** Asked of a fault beyond its target. */
export interface FaultOptions {
  /** Nobody may survive this one: said by the scenario, printed on the verdict. */
  readonly plannedDowntime?: boolean
  /**
   * That callers survive this one is the claim: it is not refused where the balancers would have nobody left, since that is what is
   * to be found out, and nothing that it costs is excused.
   */
  readonly claimsSurvival?: boolean
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
  /** Names of the nodes under a fault that is not healed yet. */
  broken(): readonly string[]
}

/** What is under way or in effect, where it outlives us: whoever finds it there knows how to undo it. */
export interface FaultLog {
  /** On disk when it resolves, and before anything is changed. `longestMs` is how long it may live. */
  intend(fault: {
    readonly id: string
    readonly kind: FaultKind
    readonly targets: readonly string[]
    readonly undo: readonly Undo[]
    readonly longestMs: number
  }): Promise<void>
  /** It was healed, and that was attested. */
  clear(id: string): Promise<void>
}

/** A drill is torn down within 25 s. */
const LANDING_LIMIT_MS = 20_000

interface Held extends Fault {
  readonly broken: readonly string[]
  stage: 'held' | 'healing' | 'healed'
  /** When it was in effect, ms since the run began; null until that is proven. */
  since: number | null
  /** Settles once it was injected, or would not be. */
  landing: Promise<unknown>
  limit?: NodeJS.Timeout
}

/** Asked before anything is touched, unless downtime is planned: rejects with ScenarioError where nobody would be left. */
export type Survival = (blast: Omit<Blast, 'servers'>) => Promise<void>

const NO_LOG: FaultLog = { intend: async () => {}, clear: async () => {} }

/** The targets, those that `order` names first and in its order. */
const inOrder = (targets: readonly Node[], order: readonly Node[]): readonly Node[] => {
  const place = (node: Node): number => {
    const at = order.findIndex(({ name }) => name === node.name)
    return at < 0 ? order.length : at
  }
  return targets.toSorted((a, b) => place(a) - place(b))
}

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
  const { recorder, clock, log = NO_LOG, survivals = [], landingLimitMs = LANDING_LIMIT_MS } = world
  const held: Held[] = []
  let sealed = false
  let count = 0

  /** Who stands in for a node may serve, and the balancers know best whether it does. */
  const mayServe = ({ kind, stage, since }: Held): boolean => standsIn(kind) && stage === 'held' && since !== null

  const broken = (): readonly string[] =>
    held.filter((fault) => fault.stage !== 'healed' && !mayServe(fault)).flatMap((fault) => fault.broken)

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

  /** A witness that cannot be asked any more must not keep a fault in effect: that nobody can say it is what it says. */
  const unsaid = (node: Node, error: Error): readonly Evidence[] => [
    {
      source: 'silent witness',
      said: `nobody can say it of ${node.name}: ${error.message}`,
      confirms: false,
      at: clock.now(),
    },
  ]

  /** Whether it was in effect until now: nothing is asked of a fault that was never proven to be. */
  const heldSince = async (fault: Held, kind: Kind): Promise<readonly Evidence[]> => {
    const { since } = fault
    if (since === null) return []
    const said = await Promise.all(
      fault.targets.map((node) => kind.attestHeld(node, since).catch((error: Error) => unsaid(node, error))),
    )
    return said.flat()
  }

  const healing = async (
    fault: Held,
    kind: Kind,
    { by, order = fault.targets }: { by: 'script' | 'fixture' | 'longest life'; order?: readonly Node[] },
  ): Promise<void> => {
    if (fault.stage === 'healed') return
    clearTimeout(fault.limit)
    const told = { kind: 'fault', id: fault.id, fault: fault.kind, targets: fault.broken } as const
    const evidence = fault.stage === 'held' ? await heldSince(fault, kind) : []
    fault.stage = 'healing'
    const heal = recorder.recordSynced({
      ...told,
      at: clock.now(),
      stage: 'heal',
      ...(evidence.length > 0 && { evidence }),
      ...(by !== 'script' && { because: by }),
    })
    // A full disk must not keep it in effect: the recorder tries again, and tells of what is missing when it is closed.
    await heal.catch(() => {})
    // A script that ran out of time in the middle of a graceful stop: healed at once, the stop would land afterwards and stay.
    const hasLanded = await settlesWithin(fault.landing, landingLimitMs)
    const { healed, clear } = healEach(kind, inOrder(fault.targets, order))
    try {
      await healed
      recorder.record({ ...told, at: clock.now(), stage: 'healed' })
      const attestations = await clear
      if (!isProven(fault.targets, attestations))
        throw fail(fault, fault.broken, 'healed, but nobody could attest it', merge(attestations).evidence)
      if (!hasLanded)
        throw fail(
          fault,
          fault.broken,
          'healed while it was still being injected: it may land yet, and is to be healed again',
        )
      fault.stage = 'healed'
      recorder.record({ ...told, ...merge(attestations), at: clock.now(), stage: 'clear' })
      await log.clear(fault.id).catch((error: Error) => {
        throw fail(
          fault,
          fault.broken,
          `it is healed, and stays open in the fault log: ${error.message}`,
          undefined,
          error,
        )
      })
    } catch (error) {
      await clear.catch(() => {})
      if (error instanceof FaultError) throw error
      throw fail(fault, fault.broken, `would not heal: ${(error as Error).message}`, undefined, error)
    }
  }

  /** Nobody healed it in time: it goes, and the record says that this was not the script's doing. */
  const endOfLife = async (fault: Held, kind: Kind, longestMs: number): Promise<void> => {
    if (fault.stage !== 'held') return
    fail(fault, fault.broken, `nobody healed it within its longest life of ${longestMs / 1000} s`)
    // What will not heal now is tried again, and named, when the drill ends.
    await healing(fault, kind, { by: 'longest life' }).catch(() => {})
  }

  const refuse = async (kind: Kind, targets: readonly string[], options: FaultOptions): Promise<void> => {
    const what = `${kind.kind} of ${targets.join(', ') || 'nothing'}`
    if (sealed)
      throw new ScenarioError(`Refused ${what}: the drill is over and its faults are sealed.`, { code: 'ERR_SEALED' })
    if (targets.length === 0)
      throw new ScenarioError(`Refused ${what}: expected at least one node.`, { code: 'ERR_NO_TARGET' })
    for (const fault of held.filter((each) => each.stage !== 'healed')) {
      const both = fault.broken.filter((name) => targets.includes(name))
      const because = both.length > 0 ? whyNot(fault.kind, kind.kind) : null
      if (because === null) continue
      throw new ScenarioError(
        `Refused ${what}: ${fault.kind} of ${both.join(', ')} is still in effect, and ${because}. Heal it first.`,
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
      stage: 'held',
      since: null,
      landing: Promise.resolve(),
      heal: (order) => healing(fault, kind, { by: sealed ? 'fixture' : 'script', ...(order && { order }) }),
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
