// The sensor against the truth, in half a minute: servers that are stalled, killed and made to refuse, at instants read from outside.
import { describe, expect, test } from 'vitest'
import type { RunRecord } from './accuracy-record.ts'
import { type RunPlan, runCallers } from './accuracy-run.ts'
import { quantile } from './fault-bench.ts'
import { lengthOf } from './truth.ts'

/** Of 50 ms and more: what is shorter a busy machine may rightly leave in doubt. */
const PLANS: readonly RunPlan[] = [
  { kind: 'stall', rate: 1000, lengthsMs: [50, 200, 100, 50, 500, 100, 200, 50, 100, 50], tailMs: 3000 },
  { kind: 'kill', rate: 1000, lengthsMs: [100, 200, 50, 100] },
  { kind: 'wrong', rate: 1000, lengthsMs: [100, 50, 200, 100] },
]

/** Half of the outages are measured to within this share of their length. */
const USUAL_ERROR = 0.1

describe.each(PLANS)('of $kind', (plan) => {
  let record: RunRecord

  test('half of the outages or more are found, the others doubted for a reason of the machine’s, and nothing else is found', async () => {
    record = await runCallers(plan)
    expect(record.sightings).toHaveLength(plan.lengthsMs.length)
    expect(record.sightings.filter(({ seen }) => seen === 'missed')).toEqual([])
    // A sensor that doubts whatever it is shown finds nothing, and misses nothing.
    expect(record.sightings.filter(({ seen }) => seen === 'found').length).toBeGreaterThanOrEqual(
      plan.lengthsMs.length / 2,
    )
    expect(record.falseMs).toEqual([])
  })

  test('the bounds contain the truth of each that is found, and the usual error is small beside it', () => {
    const found = record.sightings.filter(({ seen }) => seen === 'found')
    expect(found.filter(({ holds }) => !holds)).toEqual([])
    const shares = found.map(({ truth, errorMs }) => Math.abs(errorMs ?? Number.NaN) / lengthOf(truth))
    expect(quantile(shares, 0.5)).toBeLessThan(USUAL_ERROR)
  })

  test('the failed calls are those that the server failed, call by call', () => {
    const { said = Number.NaN, known, contradicted } = record.counted ?? {}
    expect({ said, contradicted }).toEqual({ said: known, contradicted: 0 })
    if (plan.kind === 'stall') expect(said).toBe(0)
    else expect(said).toBeGreaterThan(0)
  })
})
