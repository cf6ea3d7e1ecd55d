// What a network fault asks of whoever lays packet rules in a container's own namespace: small enough that a test can be one.
import type { Clock } from '../../time/clock.ts'
import type { Probe } from '../runtime.ts'

/** A rule by the name of its file in compose/images/fault-helper. */
export type Rule = 'isolate'

/** What a rule has counted since it was laid, in packets. */
export interface Tally {
  /** Dropped on their way in, and on their way out. */
  readonly came: number
  readonly went: number
  /** Let through: anything but 0 says that the rule lapsed in between. */
  readonly passed: number
}

/** How a rule ended: its last count, or why nobody knows how long it held. */
export type Lifted =
  | { readonly outcome: 'counted'; readonly tally: Tally }
  | { readonly outcome: 'uncounted'; readonly because: string }

/** The verbs of network faults. A container is named by its id; every wait has a limit. */
export interface Network {
  /** Lays the rule, and holds it until `lift`; it lifts itself when we are gone. Rejects when it would not be laid. */
  impose(container: string, rule: Rule): Promise<void>
  /** The kernel's own count; null when nobody holds a rule here, or it is not there any more. */
  count(container: string): Promise<Tally | null>
  /** Takes away whatever rule of ours is there, whoever laid it. Again does nothing. Rejects when it would not go. */
  lift(container: string): Promise<Lifted>
  /** Whether a table of ours is in the namespace the container has now; null when it does not run. */
  look(container: string): Promise<boolean | null>
  /** When the container's present life began, in the engine's words; null when it does not run. A restart changes it. */
  livesSince(container: string): Promise<string | null>
  /** Resolves when no helper of ours is left. */
  settled(): Promise<void>
}

/** What network faults work with. */
export interface NetworkWorld {
  /** Goes on every helper's label, so that cleaning finds it. */
  readonly run: string
  readonly network: Network
  readonly probe: Probe
  readonly clock: Clock
  /** How long witnesses go on looking once the injector says it is done; 5 s by default. */
  readonly attestLimitMs?: number
}
