import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { clockSince } from '../time/clock.ts'
import { watchDocuments } from './documents.ts'
import { startServedBrowser } from './served-browser.fixture.ts'
import { type SignedIn, signInOn } from './sign-in.ts'

const form = (isDisabled: boolean): string => `<link rel="icon" href="data:,"><form method="post" action="/login">
  <label>Username <input name="username"></label><label>Password <input name="password" type="password"></label>
  <button ${isDisabled ? 'disabled' : ''}>Log in</button></form>`

let served: Awaited<ReturnType<typeof startServedBrowser>>
/** What the next forms, and the next sign-ins, are answered with; well once these are used up. */
let [forms, posts]: [number[], number[]] = [[], []]
let pressed = 0
let isDisabled = false

beforeAll(async () => {
  served = await startServedBrowser((request, response) => {
    const isPost = request.method === 'POST'
    if (isPost) pressed += 1
    const error = isPost ? posts.shift() : request.url === '/login' ? forms.shift() : undefined
    const headers = { 'content-type': 'text/html', 'x-firedrill-node': 'node-2', location: '/' }
    if (error !== undefined) response.writeHead(error, headers).end('<p>That cannot be done</p>')
    else if (isPost) response.writeHead(302, headers).end()
    else response.writeHead(200, headers).end(request.url === '/login' ? form(isDisabled) : 'inside')
  })
})
afterAll(() => served?.end())
beforeEach(() => {
  ;[forms, posts, pressed, isDisabled] = [[], [], 0, false]
})

const signedIn = async (limitMs: number): Promise<SignedIn> => {
  const page = await served.browser.newPage({ baseURL: served.origin })
  const documents = watchDocuments(page, clockSince())
  const untilAnswered = async (): Promise<void> => void (await documents.untilAnswered(limitMs))
  return signInOn(page, clockSince(), { username: 'admin', password: 'a-password', limitMs, untilAnswered }).finally(
    () => page.close(),
  )
}

describe('a sign-in', () => {
  test('that is taken is pressed once, and says who made the session', async () => {
    expect(await signedIn(5000)).toEqual({ maker: 'node-2', triedAgain: 0 })
    expect(pressed).toBe(1)
  })

  test('whose form, or whose answer, is an error of the server’s is tried until it is taken', async () => {
    forms = [503]
    posts = [503, 500]
    expect(await signedIn(8000)).toEqual({ maker: 'node-2', triedAgain: 2 })
    expect(pressed).toBe(3)
  })

  test.each([401, 403])('that is answered with a %s is none, and pressed no more', async (status) => {
    posts = [status]
    await expect(signedIn(5000)).rejects.toThrow(`the sign-in was answered with status ${status} by node-2`)
    expect(pressed).toBe(1)
  })

  test('that stays an error of the server’s is none, and says so', async () => {
    posts = Array.from({ length: 50 }, () => 503)
    await expect(signedIn(1000)).rejects.toThrow(
      /^the sign-in was answered with status 503 by node-2, 1 s after it was tried first, and \d+ times again$/,
    )
  })

  test('whose button cannot be pressed ends within its limit, and nothing of it is left to reject later', async () => {
    isDisabled = true
    const from = Date.now()
    await expect(signedIn(500)).rejects.toThrow('Timeout 500ms')
    expect(Date.now() - from).toBeLessThan(5000)
    // A rejection that nobody waits for would fail the run.
    await new Promise((resolve) => setTimeout(resolve, 600))
  })
})
