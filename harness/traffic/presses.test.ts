import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clockSince } from '../time/clock.ts'
import { newWarningOn, type Pressed, pressOnce, pressUntilTaken, warningsOn } from './presses.ts'
import { startServedBrowser } from './served-browser.fixture.ts'

/** A page's script that says when its write came to nothing. */
const SAYS_SO = "({ ok }) => { if (!ok) document.getElementById('problem').textContent = 'Not  saved' }"

let served: Awaited<ReturnType<typeof startServedBrowser>>
/** What the next writes are answered with; 200 once these are used up. */
const answers: ('503' | '409' | '303' | 'cut' | 'never')[] = []
let writes = 0

beforeAll(async () => {
  served = await startServedBrowser((request, response) => {
    if (request.method === 'PUT') {
      writes += 1
      const answer = answers.shift()
      if (answer === 'never') return
      if (answer === 'cut') return void request.socket.destroy()
      response.writeHead(answer ? Number(answer) : 200, answer === '303' ? { location: '/login' } : {}).end()
      return
    }
    response.writeHead(200, { 'content-type': 'text/html' })
    response.end(`<link rel="icon" href="data:,"><p role="alert">The licence ends soon</p><p role="alert" id="problem"></p>
      <button onclick="fetch('/it', { method: 'PUT' }).then(${request.url === '/silent' ? '' : SAYS_SO}).catch(() => {})">Save</button>`)
  })
})
afterAll(() => served?.end())

/** Presses Save, with what the writes are answered with. */
const saved = async (limitMs: number, ...given: typeof answers): Promise<Pressed> => {
  answers.splice(0, answers.length, ...given)
  writes = 0
  const page = await served.browser.newPage()
  await page.goto(`${served.origin}/`)
  const press = (timeout: number): Promise<void> => page.getByRole('button', { name: 'Save' }).click({ timeout })
  return pressUntilTaken(page, clockSince(), { press, limitMs }).finally(() => page.close())
}

describe('a save', () => {
  test('that is taken is pressed once', async () => {
    expect(await saved(8000)).toEqual({ outcome: 'accepted', status: 200, pressedAgain: 0 })
    expect(writes).toBe(1)
  })

  test('that is answered with an error of the server, or not at all, is pressed until it is taken', async () => {
    const { outcome, pressedAgain } = await saved(8000, '503', 'cut', '503')
    expect(outcome).toBe('accepted')
    // A browser may send a write again by itself where a connection it had kept was cut.
    expect(pressedAgain).toBeGreaterThanOrEqual(2)
    expect(writes).toBe(4)
  })

  test.each([
    ['for what it says', '409'],
    ['since nobody is signed in, and sent to where one does', '303'],
  ] as const)('that is refused %s is pressed no more', async (_, answer) => {
    const because = `the save was answered with status ${answer}`
    expect(await saved(8000, answer)).toEqual({ outcome: 'refused', status: Number(answer), pressedAgain: 0, because })
    expect(writes).toBe(1)
  })

  test('that is refused after one of which nobody knows is not clearly refused', async () => {
    expect(await saved(8000, '503', '409')).toMatchObject({ outcome: 'unknown', status: 409, pressedAgain: 1 })
  })

  test('that is never taken is told with what was said last', async () => {
    const errors = Array.from({ length: 50 }, () => '503' as const)
    expect(await saved(2500, ...errors)).toMatchObject({
      outcome: 'unknown',
      status: 503,
      because: expect.stringMatching(
        /^the save was answered with status 503, 2.5 s after it was pressed first, and \d+ times again$/,
      ),
    })
  })

  test('whose last press had no time left for an answer is told with the one before', async () => {
    expect(await saved(700, '503', 'never')).toMatchObject({
      status: 503,
      because: expect.stringMatching(/^the save was answered with status 503, 0.7 s after/),
    })
  })

  test('that nobody answers at all is told', async () => {
    expect(await saved(2000, 'never')).toMatchObject({
      outcome: 'unknown',
      status: null,
      because: expect.stringMatching(/^the save was not answered, 2 s after/),
    })
  })
})

/** As long as a page is looked at that says nothing. */
const SAYS_WITHIN_MS = 1500

describe('a save that is pressed once', () => {
  /** What it was answered with, and what the page says then that it did not say before. */
  const tried = async (path: string, ...given: typeof answers) => {
    answers.splice(0, answers.length, ...given)
    writes = 0
    const page = await served.browser.newPage()
    const clock = clockSince()
    await page.goto(`${served.origin}${path}`)
    const before = await warningsOn(page)
    const press = (timeout: number): Promise<void> => page.getByRole('button', { name: 'Save' }).click({ timeout })
    const status = await pressOnce(page, clock, { press, limitMs: 1000 })
    const said = await newWarningOn(page, clock, before, SAYS_WITHIN_MS).finally(() => page.close())
    return { before, status, said }
  }

  test('is pressed no more whatever it is answered with, and the page’s word of it is read', async () => {
    expect(await tried('/', '503')).toEqual({ before: ['The licence ends soon'], status: 503, said: 'Not saved' })
    expect(writes).toBe(1)
  })

  test('is not told by what the page warned of before', async () => {
    expect(await tried('/silent', '503')).toMatchObject({ status: 503, said: null })
  })

  test('is not waited for without end', async () => {
    expect(await tried('/silent', 'never')).toMatchObject({ status: null, said: null })
  })
})
