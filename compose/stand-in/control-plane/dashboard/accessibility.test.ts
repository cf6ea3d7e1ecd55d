import { createRequire } from 'node:module'
import type { Page } from '@playwright/test'
import { describe, expect, test } from 'vitest'
import { call, publishOrders, signIn } from '../control-plane.fixture.ts'
import { HAS_NO_POSTGRES } from '../postgres.fixture.ts'
import { desk } from './desk.fixture.ts'

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

describe.skipIf(HAS_NO_POSTGRES)('the pages of the Dashboard', () => {
  const { start, open } = desk()
  const violations = async (page: Page): Promise<readonly string[]> => {
    await page.addScriptTag({ path: AXE })
    return await page.evaluate(async () => {
      const { axe } = globalThis as unknown as {
        axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
      }
      return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
    })
  }

  test.each(['light', 'dark'] as const)(
    'have no accessibility violation in %s',
    { timeout: 60_000 },
    async (colorScheme) => {
      const dashboard = await start()
      const cookie = await signIn(dashboard)
      await publishOrders(dashboard, cookie)
      await call(dashboard, ['POST', '/api/tokens'], { cookie, body: { name: 'ci', expires_at: 0 } })
      await call(dashboard, ['POST', '/api/invites'], { cookie, body: { username: 'two', password: 'two' } })
      const page = await open(dashboard, { colorScheme })
      await page.getByRole('heading', { name: 'Published Services' }).waitFor()
      const group = '/gateway_groups/default'
      const found: string[] = []
      const look = async (what: string) => found.push(...(await violations(page)).map((each) => `${what}: ${each}`))
      const paths = [
        '/login',
        '/change_password',
        '/activate',
        '/gateway_groups',
        `${group}/published_services/echo`,
        `${group}/gateway_instances`,
        `${group}/gateway_settings`,
        '/organization/license',
        '/organization/tokens',
        '/organization/users',
        '/audit_log',
        `${group}/published_services/echo/routes/orders`,
      ]
      for (const path of paths) {
        const answer = await page.goto(dashboard.url + path)
        expect([answer?.status(), new URL(page.url()).pathname]).toEqual([200, path])
        await look(path)
      }
      await page.getByRole('button', { name: 'Edit' }).click()
      await look('Edit Route')
      await page.goto(`${dashboard.url}${group}/published_services`)
      await page.getByRole('button', { name: 'Add Service' }).click()
      await look('menu')
      await page.getByRole('menuitem', { name: 'Add Manually' }).click()
      await look('Add Service')
      expect(found).toEqual([])
    },
  )

  test('never scroll sideways at 400 px', async () => {
    const dashboard = await start()
    await publishOrders(dashboard, await signIn(dashboard))
    const page = await open(dashboard, { viewport: { width: 400, height: 800 } })
    await page.getByRole('heading', { name: 'Published Services' }).waitFor()
    const width = () => page.evaluate(() => document.documentElement.scrollWidth)
    expect(await width()).toBe(400)
    await page.goto(`${dashboard.url}/gateway_groups/default/published_services/echo/routes/orders`)
    expect(await width()).toBe(400)
  })
})
