// What a network fault asks of whoever lays packet rules in a container's own namespace: small enough that a test can be one.
import type { Clock } from '../../time/clock.ts'
import type { Probe } from '../runtime.ts'

/** A file in compose/images/fault-helper, and what it leaves open: addresses as '{10.0.0.1,10.0.0.2}', numbers as they are. */
export interface Rule {
  readonly name:
    | 'isolate'
    | 'isolate-new'
    | 'isolate-established'
    | 'one-way-in'
    | 'one-way-out'
    | 'reject'
    | 'partition'
    | 'loss'
    | 'bandwidth'
    | 'slow-netem'
    | 'slow-link'
  readonly parameters: Readonly<Record<string, string | number>>
}

/** What a rule has counted since it was laid, in packets. */
export interface Tally {
  /** Hit on their way in, and on their way out: dropped, or answered by a reset. */
  readonly came: number
  readonly went: number
  /** Let through on purpose: to and from whom the rule does not concern, or by chance. */
  readonly kept: number
  /** Let through although the rule was laid: anything but 0 says that it lapsed in between. */
  readonly passed: number
  /** Of a rule that hands packets to a queue: what this says of itself. */
  readonly queue?: Queue
}

/** The kernel's own words on a queue that lets packets out at a rate. */
export interface Queue {
  readonly bytesPerSecond: number
  /** Let out since it was laid. */
  readonly bytes: number
  /** How often a packet was due and had to wait for the rate. */
  readonly waits: number
}

/** How a rule ended: its last count, or why nobody knows how long it held. */
export type Lifted =
  | { readonly outcome: 'counted'; readonly tally: Tally }
  | { readonly outcome: 'uncounted'; readonly because: string }

/** What became of a new connection out of the namespace: made, refused, or neither within 300 ms. */
export type Reach = 'reached' | 'refused' | 'silent'

/** The verbs of network faults. A container is named by its id; every wait has a limit. */
export interface Network {
  /** Lays the rule, and holds it until `lift`; it lifts itself when we are gone. Rejects when it would not be laid. */
  impose(container: string, rule: Rule): Promise<void>
  /** The kernel's own count; null when nobody holds a rule here, or it is not there any more. */
  count(container: string): Promise<Tally | null>
  /** Tries one new connection from inside the namespace, through whoever holds its rule; null when nobody does. */
  reach(container: string, address: string, port: number): Promise<Reach | null>
  /** Takes away whatever rule of ours is there, whoever laid it. Again does nothing. Rejects when it would not go. */
  lift(container: string): Promise<Lifted>
  /** Whether a table of ours is in the namespace the container has now; null when it does not run. */
  look(container: string): Promise<boolean | null>
  /** Ends every open connection of the namespace to this port elsewhere, whatever rule lies there; how many they were. Rejects when they would not end. */
  sever(container: string, port: number): Promise<number>
  /** When the container's present life began, in the engine's words; null when it does not run. A restart changes it. */
  livesSince(container: string): Promise<string | null>
  /** Resolves when no helper of ours is left. */
  settled(): Promise<void>
}

/** A connection that was there before: what it still gives. */
export interface Kept {
  ask(limitMs: number): Promise<'answered' | 'silent' | 'reset'>
  /** Asks so often at once, and reads until the last of as many answers has begun to come. */
  draw(answers: number, limitMs: number): Promise<Drawn>
  close(): void
}

/** What came over one connection between two instants, ms since the run began. */
export interface Drawn {
  readonly outcome: 'answered' | 'silent' | 'reset'
  readonly bytes: number
  readonly from: number
  readonly to: number
}

/** What network faults work with. */
export interface NetworkWorld {
  /** Goes on every helper's label, so that cleaning finds it. */
  readonly run: string
  readonly network: Network
  readonly probe: Probe
  /** Opens a connection that stays, from inside the network. Without it nothing is known of established connections. */
  readonly keep?: (address: string, port: number) => Promise<Kept>
  readonly clock: Clock
  /** How long witnesses go on looking once the injector says it is done; 5 s by default. */
  readonly attestLimitMs?: number
}
