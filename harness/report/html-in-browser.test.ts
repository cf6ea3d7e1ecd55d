import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from '@playwright/test'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findBrowser } from '../setup/browser.ts'
import { renderHtml } from './html.ts'
import { inconclusiveScenario, passedScenario, sampleScenario, sampleSummary } from './sample.fixture.ts'

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

let browser: Browser
let folder = ''
let address = ''
beforeAll(async () => {
  const executablePath = (await findBrowser())?.executablePath
  browser = await chromium.launch({
    ...(executablePath && { executablePath }),
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  })
  folder = await mkdtemp(join(tmpdir(), 'firedrill-page-'))
  const scenarios = [sampleScenario(), passedScenario(), inconclusiveScenario()]
  await writeFile(
    join(folder, 'index.html'),
    renderHtml(sampleSummary(scenarios), scenarios, { screenshots: () => null }),
  )
  address = pathToFileURL(join(folder, 'index.html')).href
})
afterAll(async () => {
  await browser?.close()
  await rm(folder, { recursive: true, force: true })
})

const opened = async (
  options: Parameters<Browser['newPage']>[0] = {},
): Promise<{ page: Page; requests: string[]; errors: string[] }> => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...options })
  const requests: string[] = []
  const errors: string[] = []
  page.on('request', (request) => requests.push(request.url()))
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  await page.goto(address)
  return { page, requests, errors }
}
const drawn = (page: Page) => page.locator('html.drawn').waitFor({ state: 'attached' })

describe('the page in a browser, opened as a file', () => {
  test('draws every chart, asks for nothing but itself and reports no error', async () => {
    const { page, requests, errors } = await opened()
    await drawn(page)
    expect(await page.locator('.uplot canvas').count()).toBe(3 * (2 + 3))
    expect({ requests, errors }).toEqual({ requests: [address], errors: [] })
    await page.close()
  })

  test.each(['light', 'dark'] as const)(
    'has no accessibility violation in %s',
    { timeout: 60_000 },
    async (colorScheme) => {
      const { page } = await opened({ colorScheme, bypassCSP: true })
      await drawn(page)
      await page.locator('details > summary').first().click()
      await page.addScriptTag({ path: AXE })
      const violations = await page.evaluate(async () => {
        const { violations: found } = await (
          globalThis as unknown as {
            axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
          }
        ).axe.run()
        return found.map(
          ({ id, nodes }) =>
            `${id}: ${nodes
              .slice(0, 3)
              .map(({ html }) => html)
              .join(' ')}`,
        )
      })
      expect(violations).toEqual([])
      await page.close()
    },
  )

  test('a moment is read with the keyboard alone, and is that of the chosen lane', async () => {
    const { page } = await opened()
    await drawn(page)
    const figure = page.locator('.timeline').first()
    const slider = figure.getByLabel('Moment')
    await slider.fill('8000')
    await slider.press('ArrowRight')
    expect(await figure.locator('.readout').textContent()).toMatch(
      /^8\.1 s, lane new: 19 answered, 2 wrong, 1 refused; p50 /,
    )
    expect(await slider.getAttribute('aria-valuetext')).toMatch(/^8\.1 s, lane new/)
    await figure.getByLabel('kept-alive').check()
    await slider.press('ArrowRight')
    expect(await figure.locator('.readout').textContent()).toMatch(/^8\.2 s, lane kept-alive: /)
    await page.close()
  })

  test('looking closer moves the bars with the curves', async () => {
    const { page } = await opened()
    await drawn(page)
    const figure = page.locator('.timeline').first()
    const width = () => figure.locator('.bar.fault.effect').evaluate((bar) => bar.getBoundingClientRect().width)
    const before = await width()
    await figure.getByRole('button', { name: 'Around the faults' }).click()
    // 36 s become the disturbed phase with 2 s before it and 4 s after.
    expect((await width()) / before).toBeCloseTo(36_000 / 16_740, 1)
    await figure.getByRole('button', { name: 'Whole run' }).click()
    expect(await width()).toBeCloseTo(before, 0)
    await page.close()
  })

  test('each curve is drawn from the numbers its name says', async () => {
    const { page } = await opened()
    await drawn(page)
    const curves = await page
      .locator('.timeline')
      .first()
      .evaluate((figure) => {
        type Plot = { series: { label?: string }[]; data: number[][] }
        const { plots } = figure as unknown as { plots: { name: string; plot: Plot }[] }
        return plots.map(({ name, plot }) => [
          name,
          plot.series.slice(1).map(({ label }, i) => [label, plot.data[i + 1]?.[81]]),
        ])
      })
    const series = sampleScenario().analysis.lanes.find(({ lane }) => lane === 'new')?.series
    const at = (values: readonly (number | null)[] | undefined) => Number((values?.[81] ?? 0).toPrecision(3))
    expect(curves[0]).toEqual([
      'latency',
      [
        ['max', at(series?.max)],
        ['p99', at(series?.p99)],
        ['p50', at(series?.p50)],
      ],
    ])
    // Stacked on each other: 1 refused, then 2 wrong, then 19 answered.
    expect(curves[1]).toEqual([
      'outcomes',
      [
        ['answered', 22],
        ['wrong', 3],
        ['refused', 1],
        ['unanswered', 0],
        ['unsent', 0],
      ],
    ])
    await page.close()
  })

  test.each([400, 1280])('never scrolls sideways at %i px', async (width) => {
    const { page } = await opened({ viewport: { width, height: 800 } })
    await drawn(page)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
    await page.close()
  })

  test('can be read without a script: bars, tables and a word on the curves', async () => {
    const { page } = await opened({ javaScriptEnabled: false })
    const figure = page.locator('.timeline').first()
    expect(await figure.locator('noscript p').isVisible()).toBe(true)
    expect(await figure.locator('.bar.rotation.out').isVisible()).toBe(true)
    expect(await figure.locator('.controls').isVisible()).toBe(false)
    await page.close()
  })
})
