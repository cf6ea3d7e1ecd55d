import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { type Browser, chromium } from '@playwright/test'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findBrowser } from '../setup/browser.ts'
import { clockSince } from '../time/clock.ts'
import { watchWaits } from './page-waits.ts'

const ANSWER_AFTER_MS = 400
const BETWEEN_MS = 300

let browser: Browser
/** Answers `/` after a while, and anything else not at all. */
const server = createServer((request, response) => {
  if (request.url === '/') setTimeout(() => response.end('<link rel="icon" href="data:,">here'), ANSWER_AFTER_MS)
})

beforeAll(async () => {
  const executablePath = (await findBrowser())?.executablePath
  browser = await chromium.launch({
    ...(executablePath && { executablePath }),
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(async () => {
  await browser?.close()
  server.closeAllConnections()
  server.close()
})

test('a page waits while an answer is owed, answered or not, and not in between', async () => {
  const { port } = server.address() as AddressInfo
  const origin = `http://127.0.0.1:${port}`
  const clock = clockSince()
  const page = await browser.newPage()
  const waits = watchWaits(page, clock)
  const opened = clock.now()
  await page.goto(origin)
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
