import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Event, eventsOf } from '../history/event.ts'
import { clockSince } from '../time/clock.ts'
import { beat } from './heartbeat.ts'
import { startServedBrowser } from './served-browser.fixture.ts'

let served: Awaited<ReturnType<typeof startServedBrowser>>
let answer: readonly [status: number, body: string] = [200, '']

beforeAll(async () => {
  served = await startServedBrowser((_, response) => {
    const [status, body] = answer
    response.writeHead(status, status === 302 ? { location: '/login' } : {}).end(body)
  })
})
afterAll(() => served?.end())

test.each([
  ['that names who is signed in, as answered', [200, '{"value":{"id":"1","username":"admin"}}'], 'answered', undefined],
  [
    'that is a maintenance page with 200, as failed',
    [200, '<h1>Back soon</h1>'],
    'failed',
    'status 200, and names nobody',
  ],
  ['that is a form to sign in on with 200, as failed', [200, '<input name="username">'], 'failed', 'status 200, and'],
  ['that is a 401, as a sign-out', [401, '{"error_msg":"not signed in"}'], 'signed-out', 'status 401'],
  ['that leads elsewhere, as a sign-out', [302, ''], 'signed-out', 'status 302'],
  ['that is an error, as failed', [503, '{"error_msg":"away"}'], 'failed', 'status 503'],
] as const)('a heartbeat counts an answer %s', async (_, given, outcome, because) => {
  answer = given
  const events: Event[] = []
  const recorder = { record: (event: Event) => void events.push(event) } as never
  const context = await served.browser.newContext({ baseURL: served.origin })
  const heartbeat = beat({ context, recorder, clock: clockSince() })
  await vi.waitFor(() => expect(events.length).toBeGreaterThan(0), { timeout: 5000 })
  await heartbeat.stop()
  await context.close()
  const [first] = eventsOf(events, 'heartbeat')
  expect(first?.outcome).toBe(outcome)
  expect(first?.because?.startsWith(because ?? 'no reason')).toBe(because === undefined ? undefined : true)
})
