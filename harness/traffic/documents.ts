// What the browser's page was answered with: a person before an error page asks again, and so does the operator of a drill.
import { setTimeout as pause } from 'node:timers/promises'
import type { Page, Request } from '@playwright/test'
import type { Clock } from '../time/clock.ts'

const ASK_AGAIN_EVERY_MS = 250

/** The documents of one page, from now on. */
export interface Documents {
  /**
   * Reloads while the page is an error page, a status of 500 or more, or no answer at all; resolves with how often. Rejects
   * when `limitMs` has passed.
   */
  untilAnswered(limitMs: number): Promise<number>
}

export const watchDocuments = (page: Page, clock: Clock): Documents => {
  let isAnswered = true
  const concerns = (request: Request): boolean => request.isNavigationRequest() && request.frame() === page.mainFrame()
  page.on('response', (answer) => {
    if (concerns(answer.request())) isAnswered = answer.status() < 500
  })
  page.on('requestfailed', (request) => {
    if (concerns(request)) isAnswered = false
  })
  return {
    async untilAnswered(limitMs) {
      const until = clock.now() + limitMs
      let times = 0
      while (!isAnswered) {
        const leftMs = until - clock.now()
        if (leftMs <= 0) throw new Error(`an error page for ${limitMs / 1000} s, asked for again ${times} times`)
        await pause(ASK_AGAIN_EVERY_MS)
        times += 1
        // What it fails with is heard of above.
        await page.reload({ timeout: Math.max(1, leftMs) }).catch(() => {})
      }
      return times
    },
  }
}
