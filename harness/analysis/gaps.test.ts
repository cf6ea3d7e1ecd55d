import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Lane } from '../history/call.ts'
import { callsOf } from './calls.ts'
import { answerTimes } from './gaps.ts'
import { historyOf } from './history.fixture.ts'

const laneWith = (latencyUs: (i: number) => number): Lane => {
  const [lane] = historyOf({ seconds: 10 }).lanes
  if (!lane) throw new Error('no lane')
  return { ...lane, latencyUs: lane.latencyUs.map((_, i) => latencyUs(i)) }
}

test('the instants of answers come in order, however many overtook each other', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: 50, maxLength: 200 }), (tooks) => {
      const calls = callsOf(laneWith((i) => tooks[i % tooks.length] ?? 0))
      const times = answerTimes(calls)
      expect([...times]).toEqual([...times].toSorted((a, b) => a - b))
      expect(times).toHaveLength(calls.count + 2)
    }),
    { numRuns: 30 },
  )
})

test('answers that come in the opposite order are put in order too', () => {
  const calls = callsOf(laneWith((i) => (2000 - i) * 10_000))
  const times = answerTimes(calls)
  expect([...times]).toEqual([...times].toSorted((a, b) => a - b))
})
