import { expect, test } from 'vitest'
import type { Event } from '../history/event.ts'
import { quietMs } from './quiet.ts'

const short = (since: number, at: number): Event => ({ kind: 'processors-short', since, at, share: 0.6 })

test('a time is quiet but for shortages longer than 50 ms, which may be told in pieces', () => {
  const events = [short(900, 1100), short(2000, 2030), short(3000, 3030), short(3030, 3060)]
  expect(quietMs(events, [1000, 4000])).toBe(3000 - 100 - 60)
  expect(quietMs([], [1000, 4000])).toBe(3000)
})
