import { expect, test } from 'vitest'
import { callsOf, firstAt, rangeOf, scheduled } from './calls.ts'
import { historyOf } from './history.fixture.ts'

const callsIn = (isDrawn: boolean) => {
  const [lane] = historyOf({ seconds: 5, isDrawn }).lanes
  if (!lane) throw new Error('no lane')
  return callsOf(lane)
}

test.each([true, false])(
  'a call is in the window that begins as it is due, and not in the one that ends then (drawn: %s)',
  (isDrawn) => {
    const calls = callsIn(isDrawn)
    for (const i of [0, 1, 200, calls.count - 1]) {
      const at = scheduled(calls, i)
      expect(firstAt(calls, at)).toBe(i)
      expect(firstAt(calls, at + 1e-6)).toBe(i + 1)
      expect(rangeOf(calls, [-Infinity, at])).toEqual([0, i])
      expect(rangeOf(calls, [at, Infinity])).toEqual([i, calls.count])
    }
  },
)
