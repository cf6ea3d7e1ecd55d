// summary.json and verdict.json as text: keys in one fixed order, times to the microsecond, so that two runs can be compared line by line.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Verdict } from '../verdict/verdict.ts'
import { writeWhole } from './files.ts'
import type { Summary } from './summary.ts'

// What a reader looks for first comes first; keys that are not listed follow in the alphabet's order.
const FIRST = [
  'schema',
  'run',
  'scenario',
  'name',
  'title',
  'outcome',
  'exitCode',
  'objective',
  'demanded',
  'demandedBy',
  'default',
  'measured',
  'unit',
  'because',
  'culprit',
  'looser',
  'at',
  'holds',
  'window',
  'id',
  'kind',
  'targets',
  'asked',
  'plannedDowntime',
  'intendedAt',
  'inEffectAt',
  'healedAt',
  'clearedAt',
  'healedBy',
  'evidence',
  'wasSeen',
  'doubts',
  'lane',
  'phase',
  'node',
  'from',
  'to',
  'min',
  'max',
  'nodes',
  'steady',
  'disturbed',
  'recovered',
  'seed',
  'stack',
  'part',
  'suite',
  'required',
  'defect',
  'objectives',
  'startedAt',
  'tookMs',
  'folder',
  'file',
  'line',
  'text',
  'log',
  'scenarios',
  'assumptions',
  'findings',
  'faults',
  'outages',
  'phases',
  'latency',
  'balance',
  'skipped',
  'leftBehind',
  'endedOddly',
  'couldNotRun',
  'attempts',
  'provenance',
] as const

const RANK: ReadonlyMap<string, number> = new Map(FIRST.map((key, rank) => [key, rank]))

/** summary.json. */
export const summaryJson = (summary: Summary): string => stableJson(summary)

/** What stands on the sign-off: SHA-256 of such a text, in hexadecimal digits. */
export const digestOf = (json: string): string => createHash('sha256').update(json).digest('hex')

/** verdict.json. */
export const verdictJson = (verdict: Verdict): string => stableJson(verdict)

/** Writes a scenario's verdict.json, whole or not at all. */
export const writeVerdict = (scenarioFolder: string, verdict: Verdict): Promise<void> =>
  writeWhole(join(scenarioFolder, 'verdict.json'), verdictJson(verdict))

const stableJson = (value: unknown): string => `${JSON.stringify(ordered(value), null, 2)}\n`

/** Keys of times, and of whatever consists of times; those ending in At, Ms, P99 or Bounds are as well. */
const TIMES: ReadonlySet<string> = new Set([
  'at',
  'from',
  'to',
  'window',
  'phases',
  'min',
  'max',
  'point',
  'length',
  'p50',
  'p90',
  'p95',
  'p99',
  'p999',
])

/** Where a key is missing there, digits too many are written; a share that is taken for a time would lose those that count. */
const isTime = (key: string, { unit }: Readonly<Record<string, unknown>>): boolean =>
  TIMES.has(key) || /(?:At|Ms|P99|Bounds)$/.test(key) || (key === 'measured' && unit === 'ms')

const ordered = (value: unknown, isOfTimes = false): unknown => {
  if (typeof value === 'number') return isOfTimes ? Math.round(value * 1000) / 1000 : value
  if (Array.isArray(value)) return value.map((each) => ordered(each, isOfTimes))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1))
      .map(([key, inner]) => [
        key,
        ordered(inner, isOfTimes || isTime(key, value as Readonly<Record<string, unknown>>)),
      ]),
  )
}

const rankOf = (key: string): number => RANK.get(key) ?? FIRST.length
