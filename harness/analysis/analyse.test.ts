import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { scheduledAt } from '../history/call.ts'
import type { History } from '../history/history.ts'
import { analyse } from './analyse.ts'
import type { Analysis } from './analysis.ts'
import { historyOf, randomOf, type Trouble, withOutcome } from './history.fixture.ts'
import { phaseWindows } from './phases.ts'

const lane = (analysis: Analysis, name = 'kept-alive') => {
  const found = analysis.lanes.find((each) => each.lane === name)
  if (!found?.judged) throw new Error(`lane ${name} was not judged`)
  return { ...found, judged: found.judged }
}

const troubles: fc.Arbitrary<readonly Trouble[]> = fc
  .array(
    fc.record({
      from: fc.integer({ min: 8100, max: 12_000 }),
      lengthMs: fc.integer({ min: 20, max: 1500 }),
      how: fc.constantFrom<Trouble['how']>(
        'refused',
        'wrong',
        'unanswered',
        'stall',
        'slow',
        'shed',
        'lost-row',
        'late',
      ),
      share: fc.constantFrom(0.2, 0.5, 1),
    }),
    { maxLength: 3 },
  )
  .map((all) => all.map(({ from, lengthMs, how, share }) => ({ from, to: from + lengthMs, how, share, slowMs: 100 })))

const longestFull = (analysis: Analysis): number =>
  Math.max(
    0,
    ...lane(analysis)
      .outages.filter((outage) => outage.kind === 'full')
      .map((outage) => outage.length.point),
  )

const withLane = (history: History, index: number, errorClass: 'connection-refused'): History => ({
  ...history,
  lanes: history.lanes.map((each) => (each.header.lane === 'kept-alive' ? withOutcome(each, index, errorClass) : each)),
})

describe('laws', () => {
  test('phases partition the run, and every call is in exactly one of them', () => {
    fc.assert(
      fc.property(
        troubles,
        fc.integer({ min: 4000, max: 14_000 }),
        fc.integer({ min: 100, max: 9000 }),
        (trouble, at, lasts) => {
          const analysis = analyse(
            historyOf({
              seconds: 26,
              trouble,
              faults: [{ kind: 'kill', targets: ['data-plane-1'], at, healAt: at + lasts }],
            }),
          )
          const windows = phaseWindows(analysis.phases).map(([, window]) => window)
          expect(windows.slice(1).map(([from]) => from)).toEqual(windows.slice(0, -1).map(([, to]) => to))
          for (const each of analysis.lanes) {
            const counted = each.phases.reduce(
              (sum, { counts }) => sum + Object.values(counts).reduce((all, count) => all + count, 0),
              0,
            )
            const unrecorded = trouble.some(({ how }) => how === 'lost-row')
            if (!unrecorded) expect(counted).toBe(each.count)
            else expect(counted).toBeLessThanOrEqual(each.count)
          }
        },
      ),
      { numRuns: 15 },
    )
  })

  test('turning an answer into a refusal never raises availability, nor shortens a full outage of 250 ms or more', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 260, max: 1200 }),
        fc.integer({ min: 1700, max: 2400 }),
        fc.integer({ min: 1, max: 99 }),
        (lengthMs, index, seed) => {
          const history = historyOf({
            seconds: 26,
            seed,
            trouble: [{ from: 9000, to: 9000 + lengthMs, how: 'refused' }],
          })
          const before = analyse(history)
          const after = analyse(withLane(history, index, 'connection-refused'))
          const availability = (analysis: Analysis): number =>
            lane(analysis).judged.answered / (lane(analysis).judged.answered + lane(analysis).judged.lost)
          expect(availability(after)).toBeLessThanOrEqual(availability(before))
          expect(longestFull(after)).toBeGreaterThanOrEqual(longestFull(before))
        },
      ),
      { numRuns: 20 },
    )
  })

  test('shifting all times changes nothing but times', () => {
    const trouble: readonly Trouble[] = [
      { from: 9000, to: 9500, how: 'refused' },
      { from: 10_000, to: 11_000, how: 'slow', share: 0.3 },
    ]
    const strip = (analysis: Analysis) => ({
      lanes: analysis.lanes.map(({ lane: name, phases, floorMs, errorClasses, outages, judged }) => ({
        name,
        phases,
        floorMs,
        errorClasses,
        lost: judged?.lost,
        answered: judged?.answered,
        outages: outages.map(({ kind, nature, lost }) => ({ kind, nature, lost })),
      })),
      timings: analysis.timings.map(({ measure, of, at, took, censored }) => ({
        measure,
        of,
        at,
        censored,
        took: Math.round(took.point * 1000),
      })),
      losses: analysis.losses,
      doubts: analysis.doubts.map(({ about }) => about),
      nodes: analysis.nodes.map(({ node, answered, lost }) => ({ node, answered, lost })),
    })
    // A whole number of intervals, so that no call crosses a phase's edge by rounding.
    expect(strip(analyse(historyOf({ trouble, shiftMs: 50_000 })))).toEqual(strip(analyse(historyOf({ trouble }))))
  })

  test('the order of lanes, and of balancer lines, changes nothing', () => {
    const trouble: readonly Trouble[] = [{ from: 9000, to: 9500, how: 'refused' }]
    const history = historyOf({ trouble })
    const balancerCalls = history.lanes.flatMap(({ header }) =>
      Array.from({ length: 200 }, (_, k) => ({
        requestId: `${header.requestIdPrefix}${1700 + k}`,
        node: `data-plane-${(k % 3) + 1}`,
        termination: 'SC--',
        retries: 0,
        status: 503,
        from: scheduledAt(header, 1700 + k),
        to: scheduledAt(header, 1700 + k) + 1,
      })),
    )
    const random = randomOf(3)
    const shuffled = balancerCalls.toSorted(() => random() - 0.5)
    const one = analyse({ ...history, balancerCalls })
    const other = analyse({ ...history, balancerCalls: shuffled, lanes: history.lanes.toReversed() })
    expect(other.lanes.toSorted((a, b) => (a.lane < b.lane ? -1 : 1))).toEqual(
      one.lanes.toSorted((a, b) => (a.lane < b.lane ? -1 : 1)),
    )
    expect({ nodes: other.nodes, losses: other.losses, timings: other.timings }).toEqual({
      nodes: one.nodes,
      losses: one.losses,
      timings: expect.arrayContaining([...other.timings]),
    })
    expect(lane(one).judged.lostByNode).toEqual({ 'data-plane-1': 33, 'data-plane-2': 33, 'data-plane-3': 34 })
  })
})

describe('an analysis', () => {
  test('counts every way a call can end, by phase', () => {
    const { phases } = lane(
      analyse(
        historyOf({
          trouble: [
            { from: 9000, to: 9050, how: 'wrong' },
            { from: 9100, to: 9150, how: 'refused' },
            { from: 9200, to: 9250, how: 'unanswered' },
          ],
        }),
      ),
    )
    expect(phases.map(({ phase, counts }) => [phase, counts.wrong, counts.refused, counts.unanswered])).toEqual([
      ['steady', 0, 0, 0],
      ['disturbed', 10, 10, 10],
      ['recovered', 0, 0, 0],
    ])
  })

  test('counts an unanswered call at its deadline, and a refused one not at all', () => {
    const latency = (how: Trouble['how']) =>
      lane(analyse(historyOf({ trouble: [{ from: 9000, to: 9500, how }] }))).judged.latency
    expect(latency('unanswered')?.max).toBeCloseTo(2000, -1)
    expect(latency('refused')?.max).toBeLessThan(10)
    expect((latency('unanswered')?.count ?? 0) - (latency('refused')?.count ?? 0)).toBe(100)
  })

  test('takes no latency for sound where processors were short, however briefly', () => {
    const shortFor = (lengthMs: number, share = 1, processors = 1) => {
      const events = [{ kind: 'processors-short', at: 9000 + lengthMs, since: 9000, share, processors }] as const
      const trouble = [{ from: 9000, to: 9100, how: 'slow', slowMs: 100 }] as const
      return lane(analyse(historyOf({ trouble, events }))).judged
    }
    const soundCalls = (lengthMs: number): number => shortFor(lengthMs).soundLatency?.count ?? 0
    expect(shortFor(40).soundLatency?.max).toBeGreaterThan(100)
    expect(shortFor(40).latency?.count).toBe(shortFor(0).latency?.count)
    // 200 calls a second.
    expect(soundCalls(0) - soundCalls(40)).toBe(8)
    expect(shortFor(120).soundLatency?.max).toBeLessThan(10)
    expect(shortFor(120).latency?.max).toBeGreaterThan(100)
    expect(shortFor(120, 0.5).soundLatency?.max).toBeLessThan(10)
    expect(shortFor(120, 0.3).soundLatency?.max).toBeGreaterThan(100)
    // The average of two, of which one was fought for.
    expect(shortFor(120, 0.3, 2).soundLatency?.max).toBeLessThan(10)
  })

  test('measures percentiles to a tenth of a percent', () => {
    // In the third second every call takes 100 ms more: 200 of 1580 calls.
    const { phases } = lane(analyse(historyOf({ trouble: [{ from: 3000, to: 4000, how: 'slow', slowMs: 100 }] })))
    const steady = phases.find((each) => each.phase === 'steady')?.latency
    expect(steady?.count).toBe(1580)
    expect(steady?.p50).toBeLessThan(2.2)
    expect(steady?.p90).toBeGreaterThan(101)
    expect(steady?.p99).toBeLessThan(102.3)
  })

  test('draws a timeline in steps of 100 ms whose sums are the counts', () => {
    const { series, phases } = lane(analyse(historyOf({ trouble: [{ from: 9000, to: 9500, how: 'refused' }] })))
    const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0)
    expect(sum(series.answered)).toBe(phases.reduce((all, each) => all + each.counts.answered, 0))
    expect(sum(series.refused)).toBe(100)
    expect(series.answered.slice(89, 94)).toEqual([0, 0, 0, 0, 0])
    expect(series.p99[91]).toBeNull()
    expect(series.p50[50]).toBeGreaterThan(1)
  })

  test('keeps what was slow apart from what was usual within a step', () => {
    const { series } = lane(
      analyse(historyOf({ trouble: [{ from: 5000, to: 5100, how: 'slow', slowMs: 100, share: 0.3 }] })),
    )
    expect(series.p50[49]).toBeLessThan(3)
    expect(series.p99[49]).toBeGreaterThan(100)
    expect(series.max[49]).toBeGreaterThanOrEqual(series.p99[49] ?? 0)
  })

  test('blames losses on nodes and counts answers of each', () => {
    const { nodes } = analyse(historyOf({ trouble: [{ from: 9000, to: 9500, how: 'wrong', node: 'data-plane-2' }] }))
    expect(nodes.map(({ node, lost }) => [node, lost])).toEqual([
      ['data-plane-1', 0],
      ['data-plane-2', 68],
      ['data-plane-3', 0],
    ])
    expect(nodes.map(({ answered }) => answered.steady)).toEqual([1054, 1054, 1052])
  })

  test('survives a history that makes no sense, and says which checker did not', () => {
    const history = historyOf({})
    const events = history.events.map((event) =>
      event.kind === 'steady' ? { ...event, ok: false, checks: null as unknown as [] } : event,
    )
    const lanes = history.lanes.map((each) =>
      each.header.lane === 'kept-alive' ? { ...each, latencyUs: null as unknown as Uint32Array } : each,
    )
    const analysis = analyse({ ...history, events, lanes })
    expect(analysis.doubts.filter((doubt) => doubt.about === 'analysis').map((doubt) => doubt.because)).toEqual([
      expect.stringMatching(/^The analysis of lane kept-alive crashed/),
      expect.stringMatching(/^The analysis of steady state crashed/),
    ])
    expect(analysis.lanes.map((each) => each.lane)).toEqual(['new-connections', 'control'])
  })

  test('analyses a million calls in a second of processor time', () => {
    const history = historyOf({
      rate: 2000,
      seconds: 167,
      trouble: [{ from: 8020, to: 9020, how: 'slow', share: 0.3 }],
    })
    analyse(historyOf({}))
    const before = process.cpuUsage()
    analyse(history)
    const { user } = process.cpuUsage(before)
    // Twice what is promised: the compiler's own threads count too, and the machine is shared.
    expect(user / 1000).toBeLessThan(2000)
  })
})
