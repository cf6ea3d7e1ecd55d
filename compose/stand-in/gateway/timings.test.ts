// The two named sets of timings: which one holds, what overrides it, and how old a configuration may get with each.
import { expect, test } from 'vitest'
import { readTimings, stalenessBoundMs, timingSets } from './timings.ts'

test('the vendor’s set holds unless the lab’s is named, and a single value overrides its set', () => {
  expect(readTimings({})).toEqual({ timingSet: 'vendor', timings: timingSets.vendor })
  expect(readTimings({ GATEWAY_TIMINGS: 'lab' })).toEqual({ timingSet: 'lab', timings: timingSets.lab })
  const { timings } = readTimings({ GATEWAY_TIMINGS: 'lab', WATCH_TIMEOUT_MS: '7000' })
  expect(timings).toEqual({ ...timingSets.lab, watchTimeoutMs: 7_000 })
  expect(() => readTimings({ GATEWAY_TIMINGS: 'quick' })).toThrow('expected one of vendor, lab')
})

test('with two black holes an update arrives within 110 s with the vendor’s timings and within 20 s with the lab’s', () => {
  expect(stalenessBoundMs(timingSets.vendor, 2)).toBe(102_000)
  expect(stalenessBoundMs(timingSets.lab, 2)).toBe(18_000)
})
