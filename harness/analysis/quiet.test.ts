import { expect, test } from 'vitest'
import type { Event } from '../history/event.ts'
import { quietMs } from './quiet.ts'

const short = (since: number, at: number, share = 0.6, processors = 1): Event => ({
  kind: 'processors-short',
  since,
  at,
  share,
  processors,
})

test('a time is quiet but for shortages, which may be told in pieces', () => {
  const events = [short(900, 1100), short(2000, 2030), short(3000, 3030), short(3030, 3060)]
  expect(quietMs(events, [1000, 4000])).toBe(3000 - 100 - 30 - 60)
  expect(quietMs([], [1000, 4000])).toBe(3000)
})

test('of a look that came late, and says that somebody waited for less than half of it, nobody knows what was not quiet', () => {
  expect(quietMs([short(1000, 2000, 0.3)], [1000, 4000])).toBe(3000)
  expect(quietMs([short(1000, 2000, 0.3, 2)], [1000, 4000])).toBe(2000)
})
