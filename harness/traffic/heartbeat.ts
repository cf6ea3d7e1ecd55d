// The session's heartbeat: four times a second, a read with the signed-in browser's own cookies.
import { setTimeout as pause } from 'node:timers/promises'
import type { BrowserContext } from '@playwright/test'
import { HEARTBEAT_EVERY_MS } from '../history/periods.ts'
import type { Recorder } from '../history/recorder.ts'
import type { Clock } from '../time/clock.ts'

const BEAT_LIMIT_MS = 2000

/** Of whom the session is: a maintenance page, or one to sign in on, comes with 200 too. */
const NAMES_SOMEBODY = '"username":'

/** Beats until stopped. A beat that is late does not delay the next: each goes at its own time. */
export const beat = (world: {
  context: BrowserContext
  recorder: Recorder
  clock: Clock
}): { stop(): Promise<void> } => {
  const { context, recorder, clock } = world
  const ended = new AbortController()
  const underway = new Set<Promise<void>>()

  const once = async (): Promise<void> => {
    const from = clock.now()
    try {
      const answer = await context.request.get('/api/me', { timeout: BEAT_LIMIT_MS, maxRedirects: 0 })
      const status = answer.status()
      const servedBy = answer.headers()['x-firedrill-node'] ?? null
      const isSignedOut = status === 401 || (status >= 300 && status < 400)
      const isNamed = status === 200 && (await answer.text()).includes(NAMES_SOMEBODY)
      const outcome = isNamed ? 'answered' : isSignedOut ? 'signed-out' : 'failed'
      recorder.record({
        kind: 'heartbeat',
        at: clock.now(),
        tookMs: clock.now() - from,
        outcome,
        servedBy,
        ...(!isNamed && { because: `status ${status}${status === 200 ? ', and names nobody as signed in' : ''}` }),
      })
      await answer.dispose()
    } catch (error) {
      if (ended.signal.aborted) return
      const [because = ''] = (error as Error).message.split('\n')
      recorder.record({
        kind: 'heartbeat',
        at: clock.now(),
        tookMs: clock.now() - from,
        outcome: 'failed',
        servedBy: null,
        because,
      })
    }
  }

  const beating = (async (): Promise<void> => {
    for (let next = clock.now(); !ended.signal.aborted; next += HEARTBEAT_EVERY_MS) {
      const one = once().finally(() => underway.delete(one))
      underway.add(one)
      await pause(Math.max(0, next + HEARTBEAT_EVERY_MS - clock.now()), undefined, { signal: ended.signal }).catch(
        () => {},
      )
    }
  })()
  return {
    async stop() {
      ended.abort()
      await beating
      await Promise.all(underway)
    },
  }
}
