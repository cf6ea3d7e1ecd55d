// When the sensor itself is sick: doubt with its reason, never an outage that was not there, and never a pass that nobody saw.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Doubt } from '../analysis/analysis.ts'
import { readHistory } from '../history/read.ts'
import type { ScenarioReport } from '../report/summary.ts'
import { judgeScenario } from '../report/write-judged.ts'
import type { Verdict } from '../verdict/verdict.ts'
import { apart, type Drilled } from './sensor-drill.fixture.ts'
import { SICKNESSES, type Sickness, STARVED, WELL } from './sicknesses.fixture.ts'
import { TEARS } from './torn-files.fixture.ts'

const ALL = [WELL, ...SICKNESSES, STARVED]

/** What doubt a machine that others use as well may add to any of them. */
const BUSY: readonly Doubt['about'][] = ['steady state', 'sending', 'own stall', 'control lane', 'resolution']

/** Calls of each lane that had ended before anything was broken. */
const STEADY_CALLS = 300

const drills = new Map<string, Drilled>()
const copies = mkdtempSync(join(tmpdir(), 'firedrill-sick-sensor-'))

beforeAll(async () => {
  const play = async ({ what, play }: Sickness) => drills.set(what, await play())
  // Judging would take the processor from the servers that others call: it waits until all have ended.
  await Promise.all([WELL, ...SICKNESSES].map(play))
  // It takes the processors from everybody.
  await play(STARVED)
}, 180_000)

afterAll(() => {
  for (const folder of [copies, ...[...drills.values()].map((each) => each.folder)]) rmSync(folder, { recursive: true })
})

const drilled = ({ what }: Pick<Sickness, 'what'>): Drilled => {
  const found = drills.get(what)
  if (!found) throw new Error(`Nobody played: ${what}.`)
  return found
}

const judged = (of: Sickness, lane: 'well' | 'out'): Promise<ScenarioReport> =>
  judgeScenario(apart(drilled(of).folder, lane, copies))

const failuresOf = (verdict: Verdict): readonly string[] =>
  verdict.findings.filter((each) => each.outcome === 'fail').map((each) => each.because)

/** Those that are judged: what a busy machine does before the first fault is for the steady state to doubt. */
const outagesOf = ({ outages, phases }: Verdict, of: 'well' | 'out'): Verdict['outages'] =>
  outages.filter(({ lane, to }) => lane === of && to > (phases.disturbed?.[0] ?? 0))

/** What the sickness did to the sensor stands in the verdict: in doubt with its reason, or, where it is none, nowhere. */
const expectDoubt = ({ verdict, analysis: { doubts } }: ScenarioReport, because: RegExp | null): void => {
  const assumed = verdict.assumptions.filter(({ holds }) => !holds)
  if (because === null) expect(doubts.filter(({ about }) => !BUSY.includes(about))).toEqual([])
  // Of several doubts of a kind a verdict tells the first.
  else
    expect([...assumed, ...doubts].map((each) => each.because)).toEqual(
      expect.arrayContaining([expect.stringMatching(because)]),
    )
}

describe('a deployment that is well is', () => {
  test.each(ALL)('never failed by $what', async (of) => {
    const report = await judged(of, 'well')
    const { verdict } = report
    expect({ failures: failuresOf(verdict), outages: outagesOf(verdict, 'well') }).toEqual({
      failures: [],
      outages: [],
    })
    expectDoubt(report, of.because)
    if (of.because) expect(verdict.outcome).toBe('inconclusive')
  })

  test.each(TEARS)('inconclusive by $what', async ({ because, tear }) => {
    const folder = apart(drilled(WELL).folder, 'well', copies)
    tear(folder, 'well')
    const report = await judgeScenario(folder)
    const { verdict } = report
    expect({ failures: failuresOf(verdict), outcome: verdict.outcome }).toEqual({
      failures: [],
      outcome: 'inconclusive',
    })
    expectDoubt(report, because)
  })
})

describe('a deployment that is out meanwhile is', () => {
  test.each(ALL)('never passed by $what', async (of) => {
    const report = await judged(of, 'out')
    const { verdict } = report
    expect(verdict.outcome).not.toBe('pass')
    expectDoubt(report, of.because)
    const [atLeast, atMost] = drilled(of).truth
    for (const outage of outagesOf(verdict, 'out').filter(({ kind }) => kind === 'full')) {
      expect(outage.min).toBeLessThanOrEqual(atMost)
      if (!isCensored(verdict, outage.to)) expect(outage.max).toBeGreaterThanOrEqual(atLeast)
    }
  })

  // Else a judge that is never certain would do as well.
  test('failed where the sensor is well, by its one full outage', async () => {
    const { verdict } = await judged(WELL, 'out')
    expect(verdict.outcome).toBe('fail')
    expect(outagesOf(verdict, 'out').filter(({ kind }) => kind === 'full')).toHaveLength(1)
  })

  test.each(TEARS)('never passed by $what', async ({ because, tear }) => {
    const folder = apart(drilled(WELL).folder, 'out', copies)
    tear(folder, 'out')
    const report = await judgeScenario(folder)
    expect(report.verdict.outcome).not.toBe('pass')
    expectDoubt(report, because)
  })
})

test.each(ALL)('what was recorded until then is readable: $what', async (of) => {
  const { lanes } = await readHistory(drilled(of).folder)
  expect(lanes.map(({ header }) => header.lane).sort()).toEqual(['control', 'out', 'well'])
  for (const { recorded } of lanes) expect(recorded.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(STEADY_CALLS)
})

test('a record that the disk did not take says so as it is closed, and none else does', () => {
  const told = ALL.filter((of) => drilled(of).unwritten !== null)
  expect(told.map(({ what }) => what)).toEqual(['a full disk under the history'])
})

/** The record ends there, and says so: how long it went on is not known. */
const isCensored = (verdict: Verdict, to: number): boolean =>
  verdict.phases.recovered === null || verdict.phases.recovered[1] <= to
