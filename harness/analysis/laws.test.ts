// Laws that hold for every history: of merging, shuffling, shifting, and of turning an answer into a refusal.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Lane } from '../history/call.ts'
import { RECORD_BYTES, writeRecord } from '../history/call-record.ts'
import { createCallsFile, readLane } from '../history/calls-file.ts'
import type { History } from '../history/history.ts'
import { analyse } from './analyse.ts'
import type { Analysis, LaneAnalysis, PhaseName } from './analysis.ts'
import { latencyCount } from './histogram.ts'
import { historyOf, randomOf, type Trouble, withOutcome } from './history.fixture.ts'
import { phaseWindows } from './phases.ts'

const troubles: fc.Arbitrary<readonly Trouble[]> = fc
  .array(
    fc.record({
      from: fc.integer({ min: 8100, max: 12_000 }),
      lengthMs: fc.integer({ min: 20, max: 1500 }),
      how: fc.constantFrom<Trouble['how']>('refused', 'wrong', 'unanswered', 'stall', 'slow', 'shed', 'late'),
      share: fc.constantFrom(0.2, 0.5, 1),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((all) => all.map(({ from, lengthMs, how, share }) => ({ from, to: from + lengthMs, how, share, slowMs: 100 })))

const seeds = fc.integer({ min: 1, max: 10_000 })

const laneIn = (analysis: Analysis, name = 'kept-alive'): LaneAnalysis => {
  const found = analysis.lanes.find(({ lane }) => lane === name)
  if (!found) throw new Error(`no lane ${name}`)
  return found
}

const withLane = (history: History, change: (lane: Lane) => Lane): History => ({
  ...history,
  lanes: history.lanes.map((lane) => (lane.header.lane === 'kept-alive' ? change(lane) : lane)),
})

test('phases partition the run: each ends where the next begins, and every recorded call is in exactly one', () => {
  fc.assert(
    fc.property(troubles, seeds, fc.integer({ min: 4000, max: 12_000 }), (trouble, seed, at) => {
      const faults = [{ kind: 'kill', targets: ['data-plane-1'], at, healAt: at + 3000 } as const]
      const analysis = analyse(historyOf({ seconds: 20, isDrawn: true, seed, trouble, faults }))
      const windows = phaseWindows(analysis.phases).map(([, window]) => window)
      expect(windows.slice(1).map(([from]) => from)).toEqual(windows.slice(0, -1).map(([, to]) => to))
      for (const { lane, phases, count } of analysis.lanes) {
        const counted = phases.flatMap(({ counts }) => Object.values(counts)).reduce((sum, each) => sum + each, 0)
        expect(counted).toBe(count)
        const histograms = analysis.histograms.filter((each) => each.lane === lane && each.node === null)
        const latencies = histograms.flatMap(({ counts }) => counts).reduce((sum, each) => sum + each, 0)
        const waited = phases.reduce((sum, { counts }) => sum + counts.answered + counts.unanswered, 0)
        // And those that the cap held back because nobody was answered.
        expect(latencies).toBeGreaterThanOrEqual(waited)
        expect(latencies).toBeLessThanOrEqual(waited + phases.reduce((sum, { counts }) => sum + counts.unsent, 0))
      }
    }),
    { numRuns: 10 },
  )
})

/** Calls held back, some among them refused: one refusal more, and what was an outage is as long as chance makes them. */
const HELD_BACK: [readonly Trouble[], number, number] = [
  [
    { from: 9001, to: 9976, how: 'shed', share: 0.5, slowMs: 100 },
    { from: 8946, to: 9956, how: 'refused', share: 0.2, slowMs: 100 },
  ],
  11,
  1949,
]

describe('turning an answer into a refusal', () => {
  test('raises no availability, of no window, and gives back nothing of a budget', () => {
    fc.assert(
      fc.property(troubles, seeds, fc.integer({ min: 1700, max: 2400 }), (trouble, seed, index) => {
        const history = historyOf({ seconds: 18, seed, trouble })
        const before = laneIn(analyse(history))
        const after = laneIn(analyse(withLane(history, (lane) => withOutcome(lane, index, 'connection-refused'))))
        for (const { lengthMs, availability } of after.worstWindows) {
          const same = before.worstWindows.find((each) => each.lengthMs === lengthMs)
          expect(availability).toBeLessThanOrEqual(same?.availability ?? 1)
        }
        for (const [k, { used }] of after.errorBudgets.entries())
          expect(used).toBeGreaterThanOrEqual(before.errorBudgets[k]?.used ?? 0)
        expect(lostIn(after)).toBeGreaterThanOrEqual(lostIn(before))
      }),
      { numRuns: 25, examples: [HELD_BACK] },
    )
  })

  /** Of calls that waited for the end, the last one that did may be the one refused: nobody knows then that it did not end soon after. */
  test.each([
    ['refused', 0],
    ['stall', 10],
  ] as const)(
    'shortens no outage of 250 ms or more whose calls are %s, but by what its end is not known to (%i ms)',
    (how, openMs) => {
      fc.assert(
        fc.property(
          fc.integer({ min: 260, max: 1200 }),
          seeds,
          fc.double({ min: -0.2, max: 1.2, noNaN: true }),
          (lengthMs, seed, place) => {
            const trouble: readonly Trouble[] = [{ from: 9000, to: 9000 + lengthMs, how }]
            const history = historyOf({ seconds: 18, seed, isDrawn: true, trouble })
            // One of its calls, or of those around it: the first call of 200 a second is due at 100 ms.
            const index = Math.round((8900 + place * lengthMs) / 5)
            const before = longestFull(analyse(history))
            const after = longestFull(
              analyse(withLane(history, (lane) => withOutcome(lane, index, 'connection-refused'))),
            )
            expect(before).toBeGreaterThan(250)
            expect(after).toBeGreaterThanOrEqual(before - openMs)
          },
        ),
        { numRuns: 15 },
      )
    },
  )
})

const lostIn = ({ judged }: LaneAnalysis): number => judged?.lost ?? 0

const longestFull = (analysis: Analysis): number =>
  laneIn(analysis)
    .outages.filter(({ kind }) => kind === 'full')
    .reduce((most, { length }) => Math.max(most, length.point), 0)

test('callers that take turns are one caller: the nodes, the zones, the counts and the latencies are the same', () => {
  fc.assert(
    fc.property(troubles, seeds, (all, seed) => {
      // What the cap held back is lost in a full outage only, and a lane of half the rate sees fewer of those.
      const trouble = all.filter(({ how }) => how !== 'shed')
      const lanes = [
        { lane: 'kept-alive', purpose: 'callers' },
        { lane: 'control', purpose: 'control' },
      ] as const
      const history = historyOf({ seconds: 18, seed, lanes, trouble })
      const one = analyse(history)
      const two = analyse({
        ...history,
        lanes: history.lanes.flatMap((lane) => (lane.header.purpose === 'callers' ? halves(lane) : [lane])),
      })
      expect(two.lanes.map(({ lane }) => lane)).toEqual(['kept-alive-0', 'kept-alive-1', 'control'])
      // The two lanes end an interval later than the one, so their timeline may have a step more.
      const withoutSeries = ({ nodes }: Analysis) => nodes.map(({ series, ...node }) => node)
      expect(withoutSeries(two)).toEqual(withoutSeries(one))
      expect(two.zones).toEqual(one.zones)
      expect(one.nodes).toHaveLength(3)
      for (const phase of ['steady', 'disturbed', 'recovered'] as const) {
        expect(callersIn(two, phase)).toEqual(callersIn(one, phase))
        expect(latencyIn(two, phase)).toEqual(latencyIn(one, phase))
      }
    }),
    { numRuns: 15 },
  )
})

test('callers on two clocks, each known to an error, are one caller to that error: no call is lost or counted twice', () => {
  const errors = fc.record({
    errorMs: fc.integer({ min: 1, max: 40 }),
    offShares: fc.tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.double({ min: -1, max: 1, noNaN: true })),
  })
  fc.assert(
    fc.property(errors, seeds, fc.integer({ min: 260, max: 1200 }), ({ errorMs, offShares }, seed, lengthMs) => {
      const trouble: readonly Trouble[] = [{ from: 9000, to: 9000 + lengthMs, how: 'refused' }]
      const lanes = [
        { lane: 'kept-alive', purpose: 'callers' },
        { lane: 'control', purpose: 'control' },
      ] as const
      const history = historyOf({ seconds: 18, seed, lanes, trouble })
      const one = analyse(history)
      const off = offShares.map((share) => share * errorMs)
      const clocks = off.map(
        (offsetMs, k) => ({ kind: 'clock', at: 1, sameKernel: false, offsetMs, errorMs, zone: `${k}` }) as const,
      )
      const two = analyse({
        ...history,
        events: [...history.events, ...clocks],
        lanes: history.lanes.flatMap((lane) =>
          lane.header.purpose === 'callers'
            ? halves(lane).map((half, k) => ({
                ...half,
                header: { ...half.header, zone: `${k}`, t0: half.header.t0 + (off[k] ?? 0) },
              }))
            : [lane],
        ),
      })
      const inAll = (analysis: Analysis) =>
        (['steady', 'disturbed', 'recovered'] as const)
          .map((phase) => callersIn(analysis, phase))
          .reduce((sum, counts) => sum.map((count, k) => count + (counts[k] ?? 0)))
      expect(inAll(two)).toEqual(inAll(one))
      for (const [k, name] of ['kept-alive-0', 'kept-alive-1'].entries()) {
        const outage = laneIn(two, name).outages.find(({ kind }) => kind === 'full')
        const told = two.recoveries.find(({ lane }) => lane === name)?.firstAnswer?.sinceFault
        // The kill took effect at 8,020 ms; its first answer came when this clock said, less what it is off.
        const truth = (outage?.to ?? Number.NaN) - (off[k] ?? 0) - 8020
        expect(told?.min).toBeLessThanOrEqual(truth)
        expect(told?.max).toBeGreaterThanOrEqual(truth)
      }
    }),
    { numRuns: 15 },
  )
})

/** Two callers at half the rate: one with the even calls, one with the odd. */
const halves = (lane: Lane): readonly Lane[] =>
  [0, 1].map((parity): Lane => {
    const isMine = (_: number, i: number): boolean => i % 2 === parity
    const { header } = lane
    const lateUs = lane.lateUs.filter(isMine)
    return {
      header: {
        ...header,
        lane: `${header.lane}-${parity}`,
        rate: header.rate / 2,
        t0: header.t0 + (parity * 1000) / header.rate,
      },
      count: lateUs.length,
      lateUs,
      latencyUs: lane.latencyUs.filter(isMine),
      errorClass: lane.errorClass.filter(isMine),
      node: lane.node.filter(isMine),
      flags: lane.flags.filter(isMine),
      status: lane.status.filter(isMine),
      recorded: lane.recorded.filter(isMine),
    }
  })

const callersIn = ({ lanes }: Analysis, name: PhaseName) => {
  const phases = lanes
    .filter(({ purpose }) => purpose === 'callers')
    .flatMap((lane) => lane.phases.filter(({ phase }) => phase === name))
  const sum = (of: 'answered' | 'wrong' | 'refused' | 'unanswered' | 'unsent'): number =>
    phases.reduce((all, { counts }) => all + counts[of], 0)
  return [sum('answered'), sum('wrong'), sum('refused'), sum('unanswered'), sum('unsent')]
}

const latencyIn = ({ histograms }: Analysis, name: PhaseName) => {
  const sum = latencyCount()
  for (const each of histograms.filter(
    ({ phase, node, lane }) => phase === name && node === null && lane !== 'control',
  ))
    sum.addAll({ ...latencyCount(), buckets: () => each })
  return sum.read()
}

test('shifting all times changes nothing but times: not bursts, brown-outs, windows, budgets nor returns', () => {
  fc.assert(
    fc.property(troubles, seeds, fc.integer({ min: 1, max: 20_000 }), (trouble, seed, intervals) => {
      // A whole number of intervals, so that no call crosses an edge by rounding.
      const shiftMs = intervals * 5
      const told = (analysis: Analysis, time: (ms: number) => unknown) => ({
        lanes: analysis.lanes.map(({ errorBursts, brownOuts, worstWindows, errorBudgets, phases }) => ({
          errorBursts: errorBursts.map(({ from, to, ...rest }) => ({ ...rest, from: time(from), to: time(to) })),
          brownOuts: brownOuts.map(({ from, to, ...rest }) => ({ ...rest, from: time(from), to: time(to) })),
          worstWindows: worstWindows.map(({ from, ...rest }) => ({ ...rest, from: time(from) })),
          errorBudgets,
          phases,
        })),
        zones: analysis.zones,
      })
      const one = analyse(historyOf({ seconds: 18, seed, trouble }))
      const other = analyse(historyOf({ seconds: 18, seed, trouble, shiftMs }))
      expect(told(other, (ms) => ms - shiftMs)).toEqual(told(one, (ms) => expect.closeTo(ms, 3)))
      for (const [k, { firstAnswer, stable }] of one.recoveries.entries()) {
        const same = other.recoveries[k]
        expect(same?.firstAnswer?.sinceFault.point ?? -1).toBeCloseTo(firstAnswer?.sinceFault.point ?? -1, 3)
        expect(same?.stable?.sinceFault.point ?? -1).toBeCloseTo(stable?.sinceFault.point ?? -1, 3)
      }
    }),
    { numRuns: 15 },
  )
})

test('the order of a file’s rows changes nothing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'firedrill-rows-'))
  let files = 0
  try {
    fc.assert(
      fc.property(troubles, seeds, (trouble, seed) => {
        const history = historyOf({ seconds: 18, seed, isDrawn: true, trouble })
        const random = randomOf(seed)
        const shuffled = withLane(history, (lane) => {
          files += 1
          const file = join(folder, `${files}.calls`)
          writeRows(
            file,
            lane,
            Array.from({ length: lane.count }, (_, i) => i),
          )
          const { rows, header } = rowsOf(file)
          for (let i = rows.length - 1; i > 0; i -= 1) {
            const k = Math.floor(random() * (i + 1))
            const [a, b] = [rows[i], rows[k]]
            if (a && b) [rows[i], rows[k]] = [b, a]
          }
          writeFileSync(file, Buffer.concat([header, ...rows]))
          return readLane(file, lane.count)
        })
        expect(analyse(shuffled)).toEqual(analyse(history))
      }),
      { numRuns: 8 },
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})

const writeRows = (path: string, lane: Lane, order: readonly number[]): void => {
  const file = createCallsFile(path, lane.header)
  const bytes = new Uint8Array(order.length * RECORD_BYTES)
  const view = new DataView(bytes.buffer)
  for (const [row, index] of order.entries()) {
    writeRecord(view, row * RECORD_BYTES, {
      index,
      lateUs: lane.lateUs[index] ?? 0,
      latencyUs: lane.latencyUs[index] ?? 0,
      errorClass: lane.errorClass[index] ?? 0,
      node: lane.node[index] ?? 0,
      flags: lane.flags[index] ?? 0,
      status: lane.status[index] ?? 0,
    })
  }
  file.append(bytes)
  file.close()
}

const rowsOf = (path: string): { readonly header: Buffer; readonly rows: Buffer[] } => {
  const bytes = readFileSync(path)
  const start = bytes.indexOf(10) + 1
  const rows = Array.from({ length: (bytes.length - start) / RECORD_BYTES }, (_, row) =>
    bytes.subarray(start + row * RECORD_BYTES, start + (row + 1) * RECORD_BYTES),
  )
  return { header: bytes.subarray(0, start), rows }
}

describe('the bounds of a full outage', () => {
  const shape = fc.record({
    from: fc.double({ min: 8100, max: 8900, noNaN: true }),
    parts: fc.array(
      fc.record({
        how: fc.constantFrom<Trouble['how']>('refused', 'wrong', 'unanswered', 'stall'),
        lengthMs: fc.double({ min: 30, max: 1200, noNaN: true }),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    deadlineMs: fc.constantFrom(200, 500, 2000),
    rate: fc.constantFrom(100, 200, 500),
    seed: seeds,
  })

  test('contain the truth, whatever it is made of, whatever the deadline, with calls drawn from their intervals', () => {
    fc.assert(
      fc.property(shape, ({ from, parts, deadlineMs, rate, seed }) => {
        const end = from + parts.reduce((sum, { lengthMs }) => sum + lengthMs, 0)
        let at = from
        const trouble = parts.map(({ how, lengthMs }): Trouble => {
          const begin = at
          at += lengthMs
          // Whoever stalls answers when all of it is over, and not to the next part of it.
          return { from: begin, to: how === 'stall' ? end : at, how }
        })
        const history = historyOf({ rate, seed, deadlineMs, seconds: 18, isDrawn: true, trouble })
        const found = laneIn(analyse(history)).outages.filter(({ kind }) => kind === 'full')
        const truth = end - from
        if (truth < 60) return
        expect(found).toHaveLength(1)
        expect(found[0]?.length.min).toBeLessThanOrEqual(truth)
        expect(found[0]?.length.max).toBeGreaterThanOrEqual(truth)
      }),
      { numRuns: 120 },
    )
  })
})
