// What the page object times: each click of an operator by itself, on a Dashboard that takes its time for every page.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Event, eventsOf } from '../history/event.ts'
import { openRecorder, type Recorder } from '../history/recorder.ts'
import { createRedactor } from '../history/redact.ts'
import { findBrowser } from '../setup/browser.ts'
import { signedInAt } from './dashboard.fixture.ts'
import { startServedBrowser } from './served-browser.fixture.ts'

const PAGE_TAKES_MS = 400
/** As long as a click waits for what is not there. */
const ACT_LIMIT_MS = 4000

const LOGIN = `<link rel="icon" href="data:,"><label>Username <input></label><label>Password <input type="password"></label>
  <button onclick="fetch('/login', { method: 'POST' })">Log in</button><a href="/services">Published Services</a>`

/** How much later than the answer the page shows what was saved. */
const SHOWN_LATER_MS = 800
/** Warns of a save that came to nothing, where there is a place for it. */
const WARN = "document.getElementById('warning')?.append('Not saved')"
const SAVE = `fetch('/orders', { method: 'PATCH' }).then(({ ok }) => !ok ? ${WARN} : setTimeout(() => document.body.append(document.querySelector('input').value), ${SHOWN_LATER_MS}))`

/** One page for the list of services, the service and the route alike; `hasRoute` says whether it leads on. */
const listing = (
  hasRoute: boolean,
  showsSaved: boolean,
  warns: boolean,
): string => `<link rel="icon" href="data:,"><a href="/services">Published Services</a>
  <main>${hasRoute ? '<a href="/orders">orders</a>' : ''}<button>Edit</button><label>Description <input></label>
  ${warns ? '<p role="alert" id="warning"></p>' : ''}<button onclick="${showsSaved ? SAVE : "fetch('/orders', { method: 'PATCH' })"}">Save</button></main>`

let served: Awaited<ReturnType<typeof startServedBrowser>>
let recorder: Recorder
let root = ''
let hasRoute = true
let showsSaved = true
let warns = true
/** What saves are answered with. */
let saveStatus = 200

beforeAll(async () => {
  const found = (await findBrowser())?.executablePath
  if (found) process.env.FIREDRILL_BROWSER = found
  served = await startServedBrowser((request, response) => {
    const isLogin = request.url === '/login'
    const status = request.method === 'PATCH' ? saveStatus : 200
    const page = isLogin ? LOGIN : listing(hasRoute, showsSaved, warns)
    const answer = () => response.writeHead(status, { 'content-type': 'text/html' }).end(page)
    setTimeout(answer, isLogin || request.url === '/api/me' ? 0 : PAGE_TAKES_MS)
  })
})
afterAll(() => served?.end())

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'firedrill-dashboard-'))
  recorder = openRecorder(join(root, 'history.jsonl'), createRedactor([]))
  hasRoute = true
  showsSaved = true
  warns = true
  saveStatus = 200
})
afterEach(() => {
  recorder.close()
  rmSync(root, { recursive: true })
})

/** What was written down while a form was opened. */
const openedForm = async (): Promise<readonly Event[]> => {
  const world = { origin: served.origin, folder: root, recorder, keep: async () => {}, actLimitMs: ACT_LIMIT_MS }
  const dashboard = await signedInAt(world)
  const before = recorder.events().length
  await dashboard.openForm('orders', { description: 'typed' })
  await dashboard.close()
  return recorder.events().slice(before)
}

test('each click on the way to a form is timed by itself, and the form is pictured once', async () => {
  const events = await openedForm()
  const acts = eventsOf(events, 'page')
  expect(acts.map(({ act, ok }) => [act, ok])).toEqual([
    ['Open Published Services', true],
    ['Open service orders', true],
    ['Open route orders', true],
    ['Edit route orders', true],
  ])
  const [, service] = acts
  // What the page before took is not this one's.
  expect(service?.tookMs).toBeGreaterThanOrEqual(PAGE_TAKES_MS)
  for (const { at, tookMs } of acts)
    expect(events.filter((event) => event.kind === 'page' && event.at > at - tookMs && event.at < at)).toEqual([])
  expect(eventsOf(events, 'screenshot').map(({ title }) => title)).toEqual(['Edit route orders'])
  expect(readdirSync(root).filter((name) => name.endsWith('.png'))).toHaveLength(2)
})

test('a click that leads nowhere is the last, and says so', async () => {
  hasRoute = false
  const events = await openedForm()
  expect(eventsOf(events, 'page').map(({ act, ok }) => [act, ok])).toEqual([
    ['Open Published Services', true],
    ['Open service orders', false],
  ])
  expect(eventsOf(events, 'screenshot').map(({ title }) => title)).toEqual(['Edit route orders: failed'])
}, 30_000)

/** What came of a save, on pages that an act may wait for so long. */
const saved = async (actLimitMs = ACT_LIMIT_MS): Promise<string> => {
  const dashboard = await signedInAt({
    origin: served.origin,
    folder: root,
    recorder,
    keep: async () => {},
    actLimitMs,
  })
  const form = await dashboard.openForm('orders', { description: 'typed' })
  const { outcome } = await form.save()
  await dashboard.close()
  return outcome
}

test('a save is accepted when it is answered, and not when the page shows it or is pictured', async () => {
  const outcome = await saved()
  const [shown] = eventsOf(recorder.events(), 'page').slice(-1)
  const accepted = eventsOf(recorder.events(), 'change').find(({ stage }) => stage === 'accepted')
  expect([outcome, shown?.ok]).toEqual(['accepted', true])
  expect((shown?.at ?? 0) - (accepted?.at ?? Infinity)).toBeGreaterThanOrEqual(SHOWN_LATER_MS - 50)
}, 30_000)

test('a save that was taken is accepted though the page never shows it, and the page is of no use', async () => {
  showsSaved = false
  expect(await saved(1500)).toBe('accepted')
  const [shown] = eventsOf(recorder.events(), 'page').slice(-1)
  expect(shown?.ok).toBe(false)
  expect(eventsOf(recorder.events(), 'change').map(({ stage }) => stage)).toEqual(['sent', 'accepted'])
}, 30_000)

test.each([
  [409, 'refused'],
  [503, 'unknown'],
] as const)(
  'a save that stays answered with %s is %s, with the status and what the page says of it',
  async (status, stage) => {
    saveStatus = status
    expect(await saved(1500)).toBe(stage)
    const last = eventsOf(recorder.events(), 'change').at(-1)
    expect(last).toMatchObject({ stage, status, said: expect.stringMatching(/^(Not saved)+$/) })
    expect(last?.because).toMatch(new RegExp(`^the save was answered with status ${status}`))
    expect(eventsOf(recorder.events(), 'page').at(-1)?.ok).toBe(false)
  },
  30_000,
)

test('a save of which the page says nothing is on record as that', async () => {
  ;[saveStatus, warns] = [409, false]
  expect(await saved()).toBe('refused')
  const last = eventsOf(recorder.events(), 'change').at(-1)
  expect(last).toMatchObject({
    said: null,
    because: 'the save was answered with status 409, and the page says nothing of it',
  })
}, 30_000)

test('a second sign-in is refused, and the session that is there goes on', async () => {
  const world = { origin: served.origin, folder: root, recorder, keep: async () => {}, actLimitMs: ACT_LIMIT_MS }
  const dashboard = await signedInAt(world)
  await expect(dashboard.signIn()).rejects.toMatchObject({ name: 'ScenarioError', code: 'ERR_SIGNED_IN' })
  await dashboard.openForm('orders', { description: 'typed' })
  await dashboard.close()
  expect(eventsOf(recorder.events(), 'signed-in')).toHaveLength(1)
  expect(eventsOf(recorder.events(), 'page').at(-1)).toMatchObject({ act: 'Edit route orders', ok: true })
}, 30_000)
