import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Judging, judgedApart, judgingTable, median, missedBy, TARGETS, totalMs } from './analysis-bench.ts'
import { writeLongRun } from './long-run.ts'

const CALLS = 600_000
/** What they take on two cores, 200 of it whatever the calls are; times three, for a machine that others use too. */
const MOST_MS = 3 * 450

let folder = ''
let one: Judging
let again: Judging

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firedrill-long-run-'))
  writeLongRun(folder, CALLS)
  one = await judgedApart(folder)
  again = await judgedApart(folder)
}, 60_000)
afterAll(() => rm(folder, { recursive: true }))

describe('the bench of analysis', () => {
  test('judges all the calls that were written', () => {
    expect(one.calls).toBeGreaterThan(CALLS - 4)
    expect(one.calls).toBeLessThanOrEqual(CALLS)
  })

  test('a shorter run stays below the size and memory of ten million calls', () => {
    expect(missedBy([one])).toEqual([])
  })

  test('a shorter run takes no longer than its own share of the time: ten times as much for a call would be seen', () => {
    // The faster of two: a machine that is shared is slower now and then, and never faster than it is.
    expect(Math.min(totalMs(one), totalMs(again))).toBeLessThan(MOST_MS)
  })
})

describe('what was missed', () => {
  const within: Judging = { calls: 1, judgeMs: 3000, reportMs: 500, htmlBytes: 300_000, peakBytes: 400_000_000 }

  test('is nothing where every target is met', () => {
    expect(missedBy([within])).toEqual([])
  })

  test('is time where the median run took longer, and by how much', () => {
    const late = { ...within, judgeMs: 6000 }
    expect(missedBy([within, late, late])).toEqual(['time by 1.5 s'])
    expect(missedBy([within, within, late])).toEqual([])
    expect(median([late, within, late])).toBe(late)
  })

  test('is memory or size where any run had more', () => {
    expect(
      missedBy([within, { ...within, peakBytes: TARGETS.peakBytes + 1, htmlBytes: TARGETS.htmlBytes + 1 }]),
    ).toEqual(['size of the page', 'memory'])
  })

  test('is everything where nothing was measured', () => {
    expect(missedBy([])).toEqual(['nothing was measured'])
  })

  test('stands in a table below its runs', () => {
    expect(
      judgingTable([within])
        .split('\n')
        .map((line) => line.split(/ {2,}/)[0]),
    ).toEqual(['', 'run 1', 'median', 'target'])
  })
})
