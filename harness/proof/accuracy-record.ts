// What one run of a bench of accuracy saw, as a plain value.
import type { Counted } from './counted.ts'
import type { AskedKind } from './deal.ts'
import type { Sighting } from './sighting.ts'

/** One run against outages that were made; of one kind, at one rate. */
export interface RunRecord {
  readonly by: 'firedrill' | 'autocannon'
  readonly kind: AskedKind
  /** Calls a second. */
  readonly rate: number
  readonly sightings: readonly Sighting[]
  /** Full outages that nobody made, ms each. */
  readonly falseMs: readonly number[]
  readonly floorMs: number
  readonly calls: number
  /** Calls that failed by whoever called, and by the server; null where the server cannot know. */
  readonly failed: number
  readonly counted: Counted | null
}
