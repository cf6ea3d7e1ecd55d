import fc from 'fast-check'
import { build, HistogramLogReader, listTags } from 'hdr-histogram-js'
import { describe, expect, test } from 'vitest'
import { analyse } from './analyse.ts'
import { latencyCount, latencyLog, latencyOf } from './histogram.ts'
import { historyOf } from './history.fixture.ts'

const latencies = fc.array(fc.oneof(fc.nat(3000), fc.nat(2_500_000), fc.nat(60_000_000)), {
  minLength: 1,
  maxLength: 300,
})

const countOf = (all: readonly number[]) => {
  const count = latencyCount()
  for (const us of all) count.add(us)
  return count
}

describe('a count of latencies', () => {
  test('answers what the library does when it is given each of them', () => {
    fc.assert(
      fc.property(latencies, (all) => {
        const library = build({
          bitBucketSize: 32,
          numberOfSignificantValueDigits: 3,
          highestTrackableValue: 60_000_000,
        })
        for (const us of all) library.recordValue(us)
        const read = countOf(all).read()
        expect(read?.count).toBe(all.length)
        expect(read?.max).toBe(Math.max(...all) / 1000)
        for (const [said, percentile] of [
          [read?.p50, 50],
          [read?.p90, 90],
          [read?.p99, 99],
          [read?.p999, 99.9],
        ] as const)
          expect(said).toBe(Math.min(library.getValueAtPercentile(percentile), Math.max(...all)) / 1000)
      }),
    )
  })

  test('of nothing is no latency', () => {
    expect(latencyCount().read()).toBeNull()
  })

  test('takes what is below nought by a hair for nought, and rounds to whole µs', () => {
    expect(countOf([-0.2, 0.4, 1.6]).buckets()).toEqual({ us: [0, 2], counts: [2, 1] })
  })

  test('added to another is one count of both', () => {
    fc.assert(
      fc.property(latencies, latencies, (one, other) => {
        const sum = countOf(one)
        sum.addAll(countOf(other))
        expect(sum.buckets()).toEqual(countOf([...one, ...other]).buckets())
      }),
    )
  })
})

describe('the log of latencies', () => {
  const analysis = analyse(historyOf({ trouble: [{ from: 9000, to: 9500, how: 'slow', slowMs: 100 }] }))
  const log = latencyLog(analysis.histograms, '2026-11-20T14:02:11.482Z')

  test('has a line for each lane and phase, and for each node in it', () => {
    const tags = listTags(log)
    for (const tag of [
      'lane=kept-alive/phase=steady',
      'lane=control/phase=recovered',
      'lane=new-connections/phase=disturbed/node=data-plane-2',
    ])
      expect(tags).toContain(tag)
    expect(tags).toHaveLength(2 * 3 * 4 + 3)
  })

  test('is read back by the library’s own reader, to the same percentiles and at the same time', () => {
    const reader = new HistogramLogReader(log)
    const read = []
    for (let next = reader.nextIntervalHistogram(); next; next = reader.nextIntervalHistogram()) read.push(next)
    expect(read).toHaveLength(analysis.histograms.length)
    const disturbed = read.find(({ tag }) => tag === 'lane=kept-alive/phase=disturbed')
    const told = analysis.lanes
      .find(({ lane }) => lane === 'kept-alive')
      ?.phases.find(({ phase }) => phase === 'disturbed')
    expect(disturbed?.totalCount).toBe(told?.latency?.count)
    expect((disturbed?.getValueAtPercentile(99) ?? 0) / 1000).toBeCloseTo(told?.latency?.p99 ?? -1, 1)
    expect(disturbed?.startTimeStampMsec).toBeCloseTo(Date.parse('2026-11-20T14:02:19.482Z'), 0)
    expect((disturbed?.endTimeStampMsec ?? 0) - (disturbed?.startTimeStampMsec ?? 0)).toBeCloseTo(6020, 0)
  })

  test('counts each call on one node at most', () => {
    expect(analysis.histograms.some(({ node }) => node !== null)).toBe(true)
    for (const whole of analysis.histograms.filter(({ node }) => node === null)) {
      const parts = analysis.histograms.filter(
        ({ lane, phase, node }) => node !== null && lane === whole.lane && phase === whole.phase,
      )
      const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0)
      if (parts.length > 0) expect(parts.reduce((all, part) => all + sum(part.counts), 0)).toBe(sum(whole.counts))
      expect(latencyOf(whole)?.count).toBe(sum(whole.counts))
    }
  })

  test('has no name that would end a tag', () => {
    const [one] = analysis.histograms
    if (!one) throw new Error('no histogram')
    expect(listTags(latencyLog([{ ...one, lane: 'a, b' }], '2026-11-20T14:02:11.482Z'))).toEqual([
      'lane=a__b/phase=steady',
    ])
  })
})
