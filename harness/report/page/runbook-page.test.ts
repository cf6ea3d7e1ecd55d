import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { renderHtml } from '../html.ts'
import { sampleScenario, sampleSummary } from '../sample.fixture.ts'
import { sayRunbookPage } from './runbook-page.ts'

const SCENARIOS = join(import.meta.dirname, '..', '..', '..', 'scenarios')

test('a scenario says which page it answers by the title that its reader finds, and by no number', () => {
  const scenarios = [sampleScenario()]
  const page = renderHtml(sampleSummary(scenarios), scenarios, { screenshots: () => null })
  expect(page).toContain('Runbook page Deploy for High Availability, “Data Plane Failover Test”. Began')
})

test('a page that is not known is told as it was written down', () => {
  expect(['Our own page', 'constructor'].map(sayRunbookPage)).toEqual([
    'Runbook page Our own page',
    'Runbook page constructor',
  ])
})

test('a record that knows its page by a number is told by the title all the same', () => {
  expect(sayRunbookPage('003')).toBe('Runbook page Multiple Availability Zones')
})

test('every scenario names the page that it answers by its title', () => {
  const pages = readdirSync(SCENARIOS)
    .filter((file) => file.endsWith('.scenario.ts'))
    .map((file) => [file, /page: '([^']+)'/.exec(readFileSync(join(SCENARIOS, file), 'utf8'))?.[1] ?? 'none'] as const)
  expect(pages.filter(([, page]) => page === 'none' || /^\d+$/.test(page))).toEqual([])
  expect(pages.length).toBeGreaterThan(50)
})
