import { expect, test } from 'vitest'
import type { Outage } from '../../analysis/analysis.ts'
import { sampleScenario } from '../sample.fixture.ts'
import { textOf } from './markup.ts'
import { timeline } from './timeline.ts'

const outage = (kind: Outage['kind'], from: number, lengthMs: number): Outage => ({
  lane: 'new',
  kind,
  from,
  to: from + lengthMs,
  length: { point: lengthMs, min: lengthMs, max: lengthMs },
  lost: 1,
  lossDerivedMs: lengthMs,
  estimatesDisagree: false,
  ownStallMs: 0,
  nodes: [],
})

test('a lane’s row names full outages first and then the longest, wherever they lie', () => {
  const report = sampleScenario()
  const [lane] = report.analysis.lanes
  const outages = [
    outage('partial', 9_000, 60),
    outage('partial', 10_000, 80),
    outage('partial', 11_000, 300),
    outage('full', 12_000, 500),
  ]
  const lanes = lane ? [{ ...lane, lane: 'new', outages }] : []
  const html = textOf(timeline({ ...report, analysis: { ...report.analysis, lanes } }, 0))
  expect(html).toContain(
    'Outages of lane <b>new</b> full 500 ms from 12.00 s; partial 300 ms from 11.00 s; partial 80 ms from 10.00 s; 1 more',
  )
})
