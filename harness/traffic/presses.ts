// A write that a person makes on a page: whoever is told that it failed presses again, and how long that went on is the page's.
import { setTimeout as pause } from 'node:timers/promises'
import type { Page, Request } from '@playwright/test'
import type { Clock } from '../time/clock.ts'
import { outcomeOfStatus } from './admin-api.ts'

const PRESS_AGAIN_EVERY_MS = 250

/** One that has less time than this until the limit, and comes to nothing, says nothing: what was answered before does. */
const FAIR_MS = 1000

const isWrite = (request: Request): boolean => ['PATCH', 'PUT', 'POST'].includes(request.method())

/** What came of a save, for a sentence. */
export const sayAnswer = (status: number | null): string =>
  status === null ? 'was not answered' : `was answered with status ${status}`

/** What the answer to a save says of it: null where there was none. */
export const outcomeOfSave = (status: number | null): ReturnType<typeof outcomeOfStatus> =>
  status === null ? 'unknown' : outcomeOfStatus(status)

/** How a write is made, and for how long anybody waits for its answer, ms. */
export interface Press {
  readonly press: (limitMs: number) => Promise<void>
  readonly limitMs: number
}

/** Presses once. Resolves with the status that the write was answered with; null where nobody answered it in time. */
export const pressOnce = async (page: Page, clock: Clock, { press, limitMs }: Press): Promise<number | null> => {
  const until = clock.now() + limitMs
  const leftMs = (): number => Math.max(1, until - clock.now())
  const [write] = await Promise.all([page.waitForRequest(isWrite, { timeout: leftMs() }), press(leftMs())])
  // Without an answer: null, or nothing at all for as long as nobody gives up.
  const answer = await Promise.race([write.response(), pause(leftMs(), null, { ref: false })])
  return answer?.status() ?? null
}

/** A page that was not answered gives its own request up, and says so then: after 15 s our stand-in's. */
const SAYS_WITHIN_MS = 8000
const LOOK_AGAIN_EVERY_MS = 50

/** What the page warns of as it is. */
export const warningsOn = (page: Page): Promise<readonly string[]> =>
  page.getByRole('alert').filter({ visible: true, hasText: /\S/ }).allInnerTexts()

/** What whoever sits before the page reads of a write that came to nothing: an alert that was not there `before`. Null where none comes within 8 s, or `withinMs`. */
export const newWarningOn = async (
  page: Page,
  clock: Clock,
  before: readonly string[],
  withinMs = SAYS_WITHIN_MS,
): Promise<string | null> => {
  const until = clock.now() + withinMs
  for (;;) {
    const text = (await warningsOn(page)).find((each) => !before.includes(each))
    if (text !== undefined) return text.trim().replaceAll(/\s+/g, ' ')
    if (clock.now() > until) return null
    await pause(LOOK_AGAIN_EVERY_MS)
  }
}

/** What pressing again and again came to. */
export interface Pressed {
  readonly outcome: ReturnType<typeof outcomeOfStatus>
  /** What the write was answered with last; null where nobody answered it. */
  readonly status: number | null
  readonly pressedAgain: number
  /** Why it is pressed no more, where it was not taken. */
  readonly because?: string
}

/**
 * Presses until the write that follows is taken, or `limitMs` has passed. Again only after a status of 500 or more, or no answer: the write
 * must be one that may be made twice. Any other refusal ends it, which is a clear one where nothing was pressed before. Rejects where nobody can press.
 */
export const pressUntilTaken = async (page: Page, clock: Clock, { press, limitMs }: Press): Promise<Pressed> => {
  const until = clock.now() + limitMs
  let last: number | null = null
  for (let times = 0; ; times += 1) {
    const leftMs = Math.max(1, until - clock.now())
    const isRushed = times > 0 && leftMs < FAIR_MS
    const status = await pressOnce(page, clock, { press, limitMs: leftMs }).catch((error: Error) => {
      // It had no time to press; whatever else went wrong is told.
      if (isRushed && error.name === 'TimeoutError') return null
      throw error
    })
    const outcome = outcomeOfSave(status)
    if (outcome === 'accepted') return { outcome, status, pressedAgain: times }
    if (outcome === 'refused')
      return {
        outcome: times === 0 ? outcome : 'unknown',
        status,
        pressedAgain: times,
        because: `the save ${sayAnswer(status)}`,
      }
    if (status !== null || !isRushed) last = status
    if (clock.now() + PRESS_AGAIN_EVERY_MS >= until)
      return {
        outcome,
        status: last,
        pressedAgain: times,
        because: `the save ${sayAnswer(last)}, ${limitMs / 1000} s after it was pressed first, and ${times} times again`,
      }
    await pause(PRESS_AGAIN_EVERY_MS)
  }
}
