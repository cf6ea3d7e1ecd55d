import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clockSince } from '../time/clock.ts'
import { watchWaits } from './page-waits.ts'
import { startServedBrowser } from './served-browser.fixture.ts'

const ANSWER_AFTER_MS = 400
const BETWEEN_MS = 300

let served: Awaited<ReturnType<typeof startServedBrowser>>

beforeAll(async () => {
  // `/` is answered after a while, and anything else not at all.
  served = await startServedBrowser((request, response) => {
    if (request.url === '/') setTimeout(() => response.end('<link rel="icon" href="data:,">here'), ANSWER_AFTER_MS)
  })
})
afterAll(() => served?.end())

test('a page waits while an answer is owed, answered or not, and not in between', async () => {
  const clock = clockSince()
  const page = await served.browser.newPage()
  const waits = watchWaits(page, clock)
  const opened = clock.now()
  await page.goto(served.origin)
  const loaded = clock.now()
  await pause(BETWEEN_MS)
  await Promise.all([page.waitForRequest('**/never'), page.evaluate(() => void fetch('/never'))])
  const asked = clock.now()
  await pause(BETWEEN_MS)

  const [answered, owed, ...more] = waits.since(opened)
  expect(more).toEqual([])
  const [from = 0, to = 0] = answered ?? []
  expect(from).toBeGreaterThan(opened - 20)
  expect(to - from).toBeGreaterThan(ANSWER_AFTER_MS - 20)
  expect(to).toBeLessThan(loaded + 20)
  const [since = 0, until = 0] = owed ?? []
  expect(since).toBeGreaterThan(loaded + BETWEEN_MS - 20)
  expect(since).toBeLessThan(asked + 20)
  expect(until - since).toBeGreaterThan(BETWEEN_MS - 20)
  expect(waits.since(asked)).toHaveLength(1)
})
