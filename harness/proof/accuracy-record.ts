// What one run of a bench of accuracy saw, as a plain value: kept in a file, a line each, so that a long bench can be done in slices.
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
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

/** Everything that a file holds; nothing where there is none. */
export const readRecords = (file: string): readonly RunRecord[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as RunRecord)
    : []

export const appendRecord = (file: string, record: RunRecord): void =>
  appendFileSync(file, `${JSON.stringify(record)}\n`)
