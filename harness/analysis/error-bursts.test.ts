import { describe, expect, test } from 'vitest'
import { analyse } from './analyse.ts'
import type { ErrorBurst } from './analysis.ts'
import { type HistorySpec, historyOf, type Trouble } from './history.fixture.ts'

const burstsOf = (spec: HistorySpec, lane = 'kept-alive'): readonly ErrorBurst[] =>
  analyse(historyOf(spec)).lanes.find((each) => each.lane === lane)?.errorBursts ?? []

const wrong = (...windows: readonly (readonly [number, number])[]): HistorySpec => ({
  trouble: windows.map(([from, to]): Trouble => ({ from, to, how: 'wrong' })),
})

describe('error bursts', () => {
  test('three lost calls in a row are one', () => {
    expect(burstsOf(wrong([9000, 9015]))).toEqual([
      {
        from: 9000,
        to: 9010,
        lost: 3,
        lostInDoubt: 0,
        peakShare: 3 / 20,
        classes: { 'server-error': 3 },
        nodes: ['data-plane-1', 'data-plane-2', 'data-plane-3'],
      },
    ])
  })

  test('two lost calls are none', () => {
    expect(burstsOf(wrong([9000, 9010]))).toEqual([])
  })

  test('lost calls 100 ms apart are linked', () => {
    expect(burstsOf(wrong([9000, 9005], [9100, 9105], [9200, 9205])).map(({ lost }) => lost)).toEqual([3])
  })

  test('lost calls 105 ms apart are not', () => {
    expect(burstsOf(wrong([9000, 9005], [9105, 9110], [9210, 9215]))).toEqual([])
  })

  test('on a slow lane lost calls are linked over five of its intervals', () => {
    const slow = { rate: 20, ...wrong([9000, 9050], [9250, 9350]) }
    expect(burstsOf(slow).map(({ lost, peakShare }) => [lost, peakShare])).toEqual([[3, 1]])
  })

  test('a burst in which everything is lost peaks at all of it, and names every error', () => {
    const trouble: readonly Trouble[] = [
      { from: 9000, to: 9200, how: 'refused' },
      { from: 9200, to: 9300, how: 'wrong', node: 'data-plane-2' },
    ]
    const [burst, ...more] = burstsOf({ trouble })
    expect(more).toEqual([])
    expect(burst).toMatchObject({ peakShare: 1, classes: { 'connection-refused': 40, 'server-error': 6 } })
    expect(burst?.nodes).toEqual(['data-plane-2'])
  })

  test('lost calls while the machine itself was disturbed are told apart', () => {
    const trouble: readonly Trouble[] = [
      { from: 9000, to: 9100, how: 'refused' },
      { from: 8990, to: 9110, how: 'stall', lanes: ['control'] },
    ]
    expect(burstsOf({ trouble }).map(({ lost, lostInDoubt }) => [lost, lostInDoubt])).toEqual([[20, 20]])
  })
})
