// When a page waited for the deployment's answers: from a request's start to its last byte, by the browser's own clock.
import type { Page, Request } from '@playwright/test'
import type { Clock } from '../time/clock.ts'

type Wait = readonly [from: number, to: number]

/** Watches from now on. */
export const watchWaits = (page: Page, clock: Clock): { since(from: number): readonly Wait[] } => {
  const pending = new Map<Request, number>()
  const ended: Wait[] = []

  /** The browser's instants are wall-clock time; ours may hear of them late. */
  const startOf = (request: Request): number => {
    const { startTime } = request.timing()
    return startTime > 0 ? clock.now() - (Date.now() - startTime) : (pending.get(request) ?? clock.now())
  }

  const end = (request: Request): void => {
    const from = startOf(request)
    const { responseEnd } = request.timing()
    // A request that failed has no last byte: it lasted until we heard of it.
    ended.push([from, responseEnd > 0 ? from + responseEnd : clock.now()])
    pending.delete(request)
  }

  page.on('request', (request) => pending.set(request, clock.now()))
  page.on('requestfinished', end)
  page.on('requestfailed', end)
  return {
    since: (from) => [
      ...ended.filter(([, to]) => to >= from),
      ...[...pending.keys()].map((request): Wait => [startOf(request), clock.now()]),
    ],
  }
}
