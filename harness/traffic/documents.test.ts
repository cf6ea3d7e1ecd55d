import type { Page } from '@playwright/test'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clockSince } from '../time/clock.ts'
import { type Documents, watchDocuments } from './documents.ts'
import { startServedBrowser } from './served-browser.fixture.ts'

let served: Awaited<ReturnType<typeof startServedBrowser>>
/** Answers of `/next` that are still to be errors: a status, or no answer at all. */
const errors: ('401' | '403' | '404' | '503' | 'cut')[] = []

beforeAll(async () => {
  served = await startServedBrowser((request, response) => {
    const error = request.url === '/next' ? errors.shift() : undefined
    if (error === 'cut') return void request.socket.destroy()
    response.writeHead(error ? Number(error) : 200, { 'content-type': 'text/html', 'x-firedrill-node': 'node-2' })
    response.end(`<link rel="icon" href="data:,"><a href="/next">next</a>`)
  })
})
afterAll(() => served?.end())

const opened = async (): Promise<{ page: Page; documents: Documents; next: () => Promise<void> }> => {
  const page = await served.browser.newPage()
  const documents = watchDocuments(page, clockSince())
  await page.goto(`${served.origin}/`)
  return { page, documents, next: () => page.getByRole('link', { name: 'next' }).click() }
}

describe('a page', () => {
  test('that is answered is asked for once', async () => {
    const { documents, next } = await opened()
    await next()
    expect(await documents.untilAnswered(2000)).toBe(0)
  })

  test('that is an error page, or no answer at all, is asked for until it is neither', async () => {
    const { page, documents, next } = await opened()
    errors.push('503', '503', 'cut', '503')
    await next()
    expect(await documents.untilAnswered(5000)).toBeGreaterThanOrEqual(3)
    expect(new URL(page.url()).pathname).toBe('/next')
    expect(await page.getByRole('link', { name: 'next' }).isVisible()).toBe(true)
    expect(errors).toEqual([])
  })

  test('that stays an error page is told, and asked for no more', async () => {
    const { documents, next } = await opened()
    errors.push(...Array.from({ length: 50 }, () => '503' as const))
    await next()
    await expect(documents.untilAnswered(800)).rejects.toThrow(
      /an error page for 0.8 s, asked for again [1-4] times, the last of them with status 503 by node-2/,
    )
    errors.length = 0
  })

  test.each(['403', '404'] as const)(
    'that is a %s is an error page, too, and told where it stays one',
    async (status) => {
      const { documents, next } = await opened()
      errors.push(...Array.from({ length: 50 }, () => status))
      await next()
      await expect(documents.untilAnswered(800)).rejects.toThrow(`the last of them with status ${status} by node-2`)
      errors.splice(2)
      expect(await documents.untilAnswered(5000)).toBeGreaterThanOrEqual(2)
    },
  )

  test('that asks for a sign-in is asked for once: it would say the same again', async () => {
    const { documents, next } = await opened()
    expect(documents.isSignedOut()).toBe(false)
    errors.push('401')
    await next()
    expect(await documents.untilAnswered(2000)).toBe(0)
    expect(documents.isSignedOut()).toBe(true)
  })
})
