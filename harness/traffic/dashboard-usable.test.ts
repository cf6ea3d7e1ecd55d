// When a page is of use to the operator: never while it is an error page, whatever link that has.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type EventOf, eventsOf } from '../history/event.ts'
import { openRecorder, type Recorder } from '../history/recorder.ts'
import { createRedactor } from '../history/redact.ts'
import { findBrowser } from '../setup/browser.ts'
import { signedInAt } from './dashboard.fixture.ts'
import { startServedBrowser } from './served-browser.fixture.ts'

const ICON = '<link rel="icon" href="data:,">'
const LOGIN = `${ICON}<form method="post" action="/login"><label>Username <input></label>
  <label>Password <input type="password"></label><button>Log in</button></form>`
const PAGE = `${ICON}<nav><a href="/">Published Services</a></nav>`
/** As our stand-in's, at every status. */
const ERROR = `${ICON}<h1>Not found</h1><a href="/">Go to Published Services</a>`

let served: Awaited<ReturnType<typeof startServedBrowser>>
let recorder: Recorder
let root = ''
/** What sign-ins and then pages are answered with; well where nothing is said. The last status of pages stays. */
let [signIns, pages]: [number[], number[]] = [[], []]
let page = PAGE

beforeAll(async () => {
  const found = (await findBrowser())?.executablePath
  if (found) process.env.FIREDRILL_BROWSER = found
  served = await startServedBrowser((request, response) => {
    const headers = { 'content-type': 'text/html', 'x-firedrill-node': 'control-plane-2' }
    const say = (status: number, body: string, more = {}): void =>
      void response.writeHead(status, { ...headers, ...more }).end(body)
    if (request.url === '/api/me') return say(200, '{"value":{"username":"admin"}}')
    if (request.method === 'POST') {
      const status = signIns.shift()
      return status === undefined ? say(303, '', { location: '/' }) : say(status, ERROR)
    }
    if (request.url === '/login') return say(200, LOGIN)
    const status = (pages.length > 1 ? pages.shift() : pages[0]) ?? 200
    say(status, status === 200 ? page : ERROR)
  })
})
afterAll(() => served?.end())

beforeEach(() => {
  ;[signIns, pages, page] = [[], [], PAGE]
  root = mkdtempSync(join(tmpdir(), 'firedrill-dashboard-'))
  recorder = openRecorder(join(root, 'history.jsonl'), createRedactor([]))
})
afterEach(() => {
  recorder.close()
  rmSync(root, { recursive: true })
})

/** As long as an act waits for a page that never comes to be of use. */
const ACT_LIMIT_MS = 3000

const signedIn = () =>
  signedInAt({ origin: served.origin, folder: root, recorder, keep: async () => {}, actLimitMs: ACT_LIMIT_MS })

/** What was written down of a refresh once pages are answered so. */
const refreshed = async (statuses: readonly number[], then = PAGE): Promise<EventOf<'page'> | undefined> => {
  const dashboard = await signedIn()
  ;[pages, page] = [[...statuses], then]
  await dashboard.refresh()
  await dashboard.close()
  return eventsOf(recorder.events(), 'page').at(-1)
}

describe('a page', () => {
  test('that is answered is of use', async () => {
    expect(await refreshed([200])).toMatchObject({ act: 'Refresh the Dashboard', ok: true })
  })

  test('that is out for a moment is asked for until it is back', async () => {
    expect(await refreshed([503, 404, 503, 200])).toMatchObject({ ok: true, askedAgain: 3 })
  })

  test.each([403, 404])(
    'that stays a %s is of no use, and says who answered it',
    { timeout: 40_000 },
    async (status) => {
      expect(await refreshed([status])).toMatchObject({
        ok: false,
        because: expect.stringContaining(`the last of them with status ${status} by control-plane-2`),
      })
    },
  )

  test('that has no more than a way out of an error is of no use, whatever its status', {
    timeout: 40_000,
  }, async () => {
    expect(await refreshed([200], ERROR)).toMatchObject({ ok: false })
  })

  test.each([
    ['a form to sign in on', [200], LOGIN],
    ['a 401', [401], PAGE],
  ] as const)('that is %s instead is a session that is gone, and is not asked for again', async (_, statuses, then) => {
    const told = await refreshed(statuses, then)
    expect(told).toMatchObject({ ok: false, because: 'the session was gone: the sign-in page came' })
    expect(told).not.toHaveProperty('askedAgain')
  })
})

describe('a sign-in', () => {
  test('that came to an error first, and whose first page did, is one session all the same', async () => {
    ;[signIns, pages] = [[503], [503, 200]]
    await (await signedIn()).close()
    expect(eventsOf(recorder.events(), 'page')).toMatchObject([{ act: 'Sign in', ok: true, askedAgain: 2 }])
    expect(eventsOf(recorder.events(), 'signed-in')).toMatchObject([{ servedBy: 'control-plane-2' }])
  })

  test('that was refused is no session: none is on record, and the script is told', async () => {
    signIns = [403]
    await expect(signedIn()).rejects.toThrow(
      'Nobody is signed in to the Dashboard: the sign-in was answered with status 403 by control-plane-2. [ERR_SIGN_IN]',
    )
    const events = recorder.events()
    expect(eventsOf(events, 'page')).toMatchObject([{ act: 'Sign in', ok: false }])
    expect([...eventsOf(events, 'signed-in'), ...eventsOf(events, 'heartbeat')]).toEqual([])
  })
})
