// A Dashboard on a PostgreSQL of its own with a browser in front of it, for tests of what a person sees.
import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from '@playwright/test'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { dashboardOn } from '../control-plane.fixture.ts'
import { type Postgres, startPostgres } from '../postgres.fixture.ts'
import type { Settings } from '../settings.ts'
import type { RunningDashboard } from './dashboard-server.ts'

const CHROMIUM = process.env.FIREDRILL_BROWSER || '/usr/bin/chromium'
const ACT_LIMIT_MS = 8_000

/** What a test of the pages works with; everything it opens is closed after it. */
export interface Desk {
  postgres(): Postgres
  start(others?: Partial<Settings>): Promise<RunningDashboard>
  /** A page on which the first user has just signed in. */
  open(dashboard: RunningDashboard, options?: Parameters<Browser['newPage']>[0]): Promise<Page>
}

/** Call inside a describe: sets up before its tests and cleans up after each and after all. */
export const desk = (): Desk => {
  let postgres: Postgres | undefined
  let browser: Browser | undefined
  const ends: (() => Promise<unknown>)[] = []
  beforeAll(async () => {
    postgres = await startPostgres()
    browser = await chromium.launch({
      ...(existsSync(CHROMIUM) && { executablePath: CHROMIUM }),
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    })
  }, 30_000)
  afterAll(async () => {
    await browser?.close()
    await postgres?.remove()
  })
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })
  const ready = <Thing>(thing: Thing | undefined): Thing => {
    if (thing) return thing
    throw new Error('The desk is used outside of a test: it is set up before the first one.')
  }
  return {
    postgres: () => ready(postgres),
    async start(others = {}) {
      const databaseUrl = await ready(postgres).createSchema()
      const dashboard = await dashboardOn(databaseUrl, 'control-plane-1', 'database', others)
      ends.push(() => dashboard.close())
      return dashboard
    },
    async open({ url }, options = {}) {
      const page = await ready(browser).newPage({ bypassCSP: true, ...options })
      ends.push(() => page.close())
      page.setDefaultTimeout(ACT_LIMIT_MS)
      await page.goto(`${url}/login`)
      await page.getByRole('textbox', { name: 'Username' }).fill('admin')
      await page.getByRole('textbox', { name: 'Password' }).fill('admin')
      await page.keyboard.press('Enter')
      await page.waitForURL(({ pathname }) => pathname !== '/login')
      return page
    },
  }
}
