// What a fault is to whoever asks for it, and what has to be told of it while it lives.
import type { FaultKind } from '../history/event.ts'
import type { Node } from '../topology/topology.ts'
import type { Blast } from './blast-radius.ts'
import type { Kind } from './kind.ts'
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

/** What is under way or in effect, or lies in a container of the deployment, where it outlives us: whoever finds it there knows how to undo it. */
export interface FaultLog {
  /** On disk when it resolves, and before anything is changed. `longestMs` is how long it may live. */
  intend(fault: {
    readonly id: string
    readonly kind: FaultKind | 'backup'
    readonly targets: readonly string[]
    readonly undo: readonly Undo[]
    readonly longestMs: number
  }): Promise<void>
  /** It was healed, and that was attested. */
  clear(id: string): Promise<void>
}

/** Asked before anything is touched, unless downtime is planned: rejects with ScenarioError where nobody would be left. */
export type Survival = (blast: Omit<Blast, 'servers'>) => Promise<void>
