// What the browser's page was answered with: a person before an error page asks again, and so does the operator of a drill.
import { setTimeout as pause } from 'node:timers/promises'
import type { Page, Request, Response } from '@playwright/test'
import type { Clock } from '../time/clock.ts'

const ASK_AGAIN_EVERY_MS = 250

/** What asks for a sign-in is no error page, whatever its looks: asked again it would say the same. */
const SIGNED_OUT = 401

/** The documents of one page, from now on. */
export interface Documents {
  /**
   * Reloads while the page is an error page, a status of 400 or more that is no 401, or no answer at all; resolves with how often.
   * Rejects with what was answered last, and by whom, when `limitMs` has passed.
   */
  untilAnswered(limitMs: number): Promise<number>
  /** Whether the page was answered with a 401 last. */
  isSignedOut(): boolean
}

export const watchDocuments = (page: Page, clock: Clock): Documents => {
  let last: { readonly status: number; readonly said: string } | null = { status: 200, said: 'none yet' }
  const concerns = (request: Request): boolean => request.isNavigationRequest() && request.frame() === page.mainFrame()
  page.on('response', (answer) => {
    if (concerns(answer.request())) last = { status: answer.status(), said: sayAnswerOf(answer) }
  })
  page.on('requestfailed', (request) => {
    if (concerns(request)) last = null
  })
  const isError = (): boolean => last === null || (last.status >= 400 && last.status !== SIGNED_OUT)
  return {
    isSignedOut: () => last?.status === SIGNED_OUT,
    async untilAnswered(limitMs) {
      const until = clock.now() + limitMs
      let times = 0
      while (isError()) {
        const leftMs = until - clock.now()
        if (leftMs <= 0)
          throw new Error(
            `an error page for ${limitMs / 1000} s, asked for again ${times} times, the last of them ${last?.said ?? 'not answered'}`,
          )
        await pause(ASK_AGAIN_EVERY_MS)
        times += 1
        // What it fails with is heard of above.
        await page.reload({ timeout: Math.max(1, leftMs) }).catch(() => {})
      }
      return times
    },
  }
}

/** 'with status 404 by control-plane-2'. */
export const sayAnswerOf = (answer: Response): string => {
  const node = answer.headers()['x-firedrill-node']
  return `with status ${answer.status()}${node === undefined ? '' : ` by ${node}`}`
}
