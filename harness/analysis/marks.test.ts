import { expect, test } from 'vitest'
import { type Calls, callsOf, endedAt, scheduled } from './calls.ts'
import { historyOf, type Trouble } from './history.fixture.ts'
import { maskOf } from './marks.ts'

const callsWith = (...trouble: readonly Trouble[]): Calls => {
  const [lane] = historyOf({ trouble }).lanes
  if (!lane) throw new Error('a history without lanes')
  return callsOf(lane, [])
}

/** When the marked calls were scheduled and had ended. */
const marked = (calls: Calls, from: number, to: number, beforeMs: number): readonly (readonly [number, number])[] =>
  [...maskOf(calls, [[from, to]], beforeMs).entries()]
    .filter(([, mark]) => mark === 1)
    .map(([i]) => [scheduled(calls, i), endedAt(calls, i)])

test('a window touches the calls scheduled in it, and none that had ended before', () => {
  const touched = marked(callsWith(), 9000, 9100, 50)
  expect(touched.length).toBe(20)
  expect(touched.every(([due]) => due >= 9000 && due < 9100)).toBe(true)
})

test('a window touches calls that were under way when it began, if they had been for no longer than is said', () => {
  const slow = callsWith({ from: 8900, to: 9000, how: 'slow', slowMs: 60 })
  const before = marked(slow, 9000, 9100, 30).filter(([due]) => due < 9000)
  expect(before.length).toBe(6)
  expect(before.every(([due, ended]) => due >= 8970 && ended >= 9000)).toBe(true)
})
