// A write that a person makes on a page: whoever is told that it failed presses again, and how long that went on is the page's.
import { setTimeout as pause } from 'node:timers/promises'
import type { Page, Request } from '@playwright/test'
import type { Clock } from '../time/clock.ts'

const PRESS_AGAIN_EVERY_MS = 250

const isWrite = (request: Request): boolean => ['PATCH', 'PUT', 'POST'].includes(request.method())

/**
 * Presses until the write that follows is taken; resolves with how often it had to be pressed again. Only after a status of 500 or more,
 * or no answer: the write must be one that may be made twice. Rejects on any other refusal, and when `limitMs` has passed.
 */
export const pressUntilTaken = async (
  page: Page,
  clock: Clock,
  { press, limitMs }: { readonly press: (limitMs: number) => Promise<void>; readonly limitMs: number },
): Promise<number> => {
  const until = clock.now() + limitMs
  for (let times = 0; ; times += 1) {
    const leftMs = Math.max(1, until - clock.now())
    const [write] = await Promise.all([page.waitForRequest(isWrite, { timeout: leftMs }), press(leftMs)])
    // Without an answer: null, or nothing at all for as long as nobody gives up.
    const answer = await Promise.race([write.response(), pause(Math.max(1, until - clock.now()), null, { ref: false })])
    if (answer && answer.status() < 400) return times
    const told = answer ? `was answered with status ${answer.status()}` : 'was not answered'
    if (answer && answer.status() < 500) throw new Error(`the save ${told}`)
    if (clock.now() + PRESS_AGAIN_EVERY_MS >= until)
      throw new Error(`the save ${told}, ${limitMs / 1000} s after it was pressed first, and ${times} times again`)
    await pause(PRESS_AGAIN_EVERY_MS)
  }
}
