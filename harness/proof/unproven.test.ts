import { expect, test } from 'vitest'
import { analyse } from '../analysis/analyse.ts'
import { type HistorySpec, historyOf, KILL } from '../analysis/history.fixture.ts'
import type { Event } from '../history/event.ts'
import { judge } from '../verdict/judge.ts'
import { whyStarved } from './unproven.ts'

/** Somebody waits for so many ms of each second. */
const short = (ms: number): readonly Event[] =>
  Array.from({ length: 30 }, (_, k) => ({
    kind: 'processors-short',
    since: 1000 * k,
    at: 1000 * k + ms,
    share: 1,
    processors: 2,
  }))

/** Callers who may have waited for a processor when all was over. */
const SLOW = { from: 15_000, to: 19_000, how: 'slow', slowMs: 60, share: 0.3 } as const

const whyIn = (spec: HistorySpec): readonly [string, string | null] => {
  const history = historyOf({ trouble: [SLOW], demand: { recoveredP99VsSteady: '2x' }, ...spec })
  const analysis = analyse(history)
  const verdict = judge(history, analysis)
  return [verdict.outcome, whyStarved({ history, analysis, verdict })]
}

test('a drill that proves nothing on a machine without processors is told apart, and why', () => {
  expect(whyIn({ events: short(950) })).toEqual([
    'inconclusive',
    expect.stringMatching(/^somebody waited for a processor for 95 % of the time\. .+/),
  ])
})

test('on a machine that had them for most of the time nothing is excused', () => {
  const late: Event = { kind: 'processors-short', since: 14_500, at: 19_500, share: 1, processors: 2 }
  expect(whyIn({ events: [late] })).toEqual(['inconclusive', null])
})

test('a fault that nobody saw land is not excused by a machine, nor a script that threw', () => {
  const events = short(950)
  expect(whyIn({ events, faults: [{ ...KILL, attested: false }] })).toEqual(['inconclusive', null])
  const threw: Event = { kind: 'script', at: 17_002, outcome: 'threw', because: 'no route' }
  expect(whyIn({ events: [...events, threw], without: ['script'] })).toEqual(['inconclusive', null])
})
