import { describe, expect, test } from 'vitest'
import { call, publishOrders, ROUTE_PATH, signIn } from '../control-plane.fixture.ts'
import { HAS_NO_POSTGRES } from '../postgres.fixture.ts'
import { desk } from './desk.fixture.ts'

describe.skipIf(HAS_NO_POSTGRES)('the Dashboard in a browser', () => {
  const { postgres, start, open } = desk()

  /** A route's form, opened and filled in while all is well. */
  const filledForm = async (others?: Parameters<typeof start>[0]) => {
    const dashboard = await start(others)
    await publishOrders(dashboard, await signIn(dashboard))
    const page = await open(dashboard)
    await page.goto(`${dashboard.url}/gateway_groups/default/published_services/echo/routes/orders`)
    await page.getByRole('button', { name: 'Edit' }).click()
    await page.getByLabel('Description').fill('typed before the outage')
    return page
  }

  test('a service and a route are added and edited by keyboard alone', async () => {
    const dashboard = await start()
    const page = await open(dashboard)
    const type = async (...keys: readonly string[]) => {
      for (const key of keys) {
        if (key.startsWith('=')) await page.keyboard.type(key.slice(1))
        else await page.keyboard.press(key)
      }
    }
    await page.getByRole('button', { name: 'Add Service' }).focus()
    await type('Enter')
    await page.getByRole('menuitem', { name: 'Add Manually' }).waitFor()
    await type('Enter', '=billing')
    await page.getByRole('button', { name: 'Add Node' }).focus()
    await type('Enter', '=10.0.0.7', 'Tab', 'Control+A', '=8080', 'Enter')
    await page.getByText('10.0.0.7:8080').waitFor()
    await page.getByRole('textbox', { name: 'Name' }).focus()
    await type('Enter')
    await page.getByText('Add Service Successfully').waitFor()
    await page.getByRole('button', { name: 'Add Route' }).focus()
    await type('Enter', '=bills', 'Tab', '=/bills/*', 'Enter')
    await page.getByText('Add Route Successfully').waitFor()
    await page.getByRole('link', { name: 'bills', exact: true }).focus()
    await type('Enter')
    await page.getByRole('button', { name: 'Edit' }).focus()
    await type('Enter')
    await page.getByLabel('Description').fill('typed by hand')
    await type('Tab', 'Tab', 'Enter')
    await page.getByText('Update Route Successfully').waitFor()
    expect(await page.getByTestId('route-description').textContent()).toBe('typed by hand')
    expect(await page.getByRole('button', { name: 'Edit' }).evaluate((it) => it === document.activeElement)).toBe(true)
    const cookie = await signIn(dashboard)
    const { list } = (await call(dashboard, ['GET', '/apisix/admin/routes?gateway_group_id=default'], { cookie })).body
    expect(list).toMatchObject([{ name: 'bills', paths: ['/bills/*'], desc: 'typed by hand' }])
  })

  test('a saved edit touches only what was changed', async () => {
    const dashboard = await start()
    const cookie = await signIn(dashboard)
    await publishOrders(dashboard, cookie)
    const page = await open(dashboard)
    await page.goto(`${dashboard.url}/gateway_groups/default/published_services/echo/routes/orders`)
    await page.getByRole('button', { name: 'Edit' }).click()
    await call(dashboard, ['PATCH', ROUTE_PATH], { cookie, body: { methods: ['GET'] } })
    await page.getByLabel('Description').fill('mine')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Update Route Successfully').waitFor()
    expect((await call(dashboard, ['GET', ROUTE_PATH], { cookie })).body.value).toMatchObject({
      desc: 'mine',
      methods: ['GET'],
    })
  })

  test('when the database is gone it says so, keeps what was typed, and recovers by itself', {
    timeout: 40_000,
  }, async () => {
    const page = await filledForm()
    await postgres().kill()
    try {
      await page.getByText('The database is not available').waitFor()
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('Not confirmed').waitFor()
    } finally {
      await postgres().start()
    }
    await page.getByText('Connected again').waitFor()
    expect(await page.getByText('The database is not available').count()).toBe(0)
    expect(await page.getByLabel('Description').inputValue()).toBe('typed before the outage')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Update Route Successfully').waitFor()
  })

  test('with the planted defect nothing on the page says that a save came to nothing', async () => {
    const page = await filledForm({ hasSilentPages: true })
    await postgres().kill()
    try {
      const [answer] = await Promise.all([
        page.waitForResponse((each) => each.request().method() === 'PATCH'),
        page.getByRole('button', { name: 'Save' }).click(),
      ])
      expect(answer.status()).toBe(503)
      // The page has heard of it once Save may be pressed again.
      await page.getByRole('button', { name: 'Save', disabled: false }).waitFor()
      expect((await page.getByRole('alert').allInnerTexts()).join('')).toBe('')
    } finally {
      await postgres().start()
    }
  })

  test('when the server is gone a click waits for it, instead of ending on an error page', async () => {
    const dashboard = await start()
    const page = await open(dashboard)
    await page.getByRole('heading', { name: 'Published Services' }).waitFor()
    await page.context().setOffline(true)
    await page.getByText('cannot reach its server').waitFor()
    await page.getByRole('link', { name: 'Audit Log' }).click()
    await page.getByText('opens then').waitFor()
    await page.context().setOffline(false)
    await page.getByRole('heading', { name: 'Audit Log' }).waitFor()
  })

  test('the first sign-in leads through a new password and the license to the page that was asked for', async () => {
    const dashboard = await start({ forcesPasswordChange: true, licenseText: '' })
    const page = await open(dashboard)
    await page.getByLabel('New Password').fill('Admin12345!@#$%')
    await page.getByLabel('Confirm Password').fill('Admin12345!@#$')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('not the same').waitFor()
    await page.getByLabel('Confirm Password').fill('Admin12345!@#$%')
    await page.getByRole('button', { name: 'Save' }).click()
    await page
      .getByLabel('License file')
      .setInputFiles({ name: 'license', mimeType: 'text/plain', buffer: Buffer.from('a licence') })
    await page.getByRole('button', { name: 'Upload' }).click()
    await page.getByRole('button', { name: 'Activate' }).click()
    await page.getByText('Activate Successfully').waitFor()
    await page.getByRole('heading', { name: 'Published Services' }).waitFor()
  })

  test('whoever passed these steps through the Admin API sees neither', async () => {
    const dashboard = await start({ forcesPasswordChange: false, licenseText: 'a licence' })
    const page = await open(dashboard)
    await page.getByRole('heading', { name: 'Published Services' }).waitFor()
  })
})
