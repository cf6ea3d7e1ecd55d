import { describe, expect, test } from 'vitest'
import { ERROR_CLASSES, OUTCOMES, outcomeOf, type Schedule, scheduledAt } from './call.ts'

const at = (schedule: Schedule, count: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => scheduledAt(schedule, i))

test('every way to end has its outcome: only what went well is answered, and only what never left is unsent', () => {
  const byOutcome = Object.groupBy(ERROR_CLASSES, outcomeOf)
  expect(Object.keys(byOutcome).sort()).toEqual([...OUTCOMES].sort())
  expect(byOutcome).toMatchObject({
    answered: ['none'],
    wrong: ['server-error', 'client-error', 'other-status', 'mismatch', 'truncated'],
    unanswered: ['deadline'],
    unsent: ['shed', 'generator-late', 'stopped'],
  })
})

test('without a seed call i stands at t0 + i / rate, as in the files that were written so', () => {
  expect(at({ t0: 12.5, rate: 100 }, 4)).toEqual([12.5, 22.5, 32.5, 42.5])
})

describe('with a seed', () => {
  const seeds = [0, 1, 2 ** 31, 2 ** 32 - 1]

  test.each(seeds)('each interval has one call, and seed %i draws it anywhere in the interval', (seed) => {
    const drawn = at({ t0: 5, rate: 50, seed }, 10_000).map((due, i) => (due - 5) / 20 - i)
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...drawn)).toBeLessThan(1)
    const tenths = Array.from({ length: 10 }, (_, k) => drawn.filter((each) => Math.floor(each * 10) === k).length)
    // A thousand are expected in each; five standard deviations are 150.
    for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(150)
  })

  test('the same one gives the same schedule', () => {
    expect(at({ t0: 0, rate: 100, seed: 9 }, 100)).toEqual(at({ t0: 0, rate: 100, seed: 9 }, 100))
  })

  test('two lanes of one rate do not share out the nodes of a round robin of two', () => {
    const lanes = [1, 2].flatMap((seed) => at({ t0: 0, rate: 100, seed }, 2000).map((due) => ({ due, seed })))
    const servedBy = lanes.toSorted((a, b) => a.due - b.due).map(({ seed }, i) => ({ seed, node: i % 2 }))
    const nodesOfOne = servedBy.filter(({ seed }) => seed === 1).map(({ node }) => node)
    expect(nodesOfOne.filter((node) => node === 0).length / nodesOfOne.length).toBeCloseTo(0.5, 1)
    expect(longestRun(nodesOfOne)).toBeLessThan(20)
  })
})

const longestRun = (nodes: readonly number[]): number => {
  let longest = 0
  let run = 0
  for (const [i, node] of nodes.entries()) {
    run = node === nodes[i - 1] ? run + 1 : 1
    longest = Math.max(longest, run)
  }
  return longest
}
