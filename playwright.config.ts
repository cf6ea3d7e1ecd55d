// Playwright Test runs every scenario: one worker, one deployment at a time, no second try.
import { join } from 'node:path'
import { defineConfig } from '@playwright/test'
import { toMs } from './harness/time/duration.ts'

const folder = process.env.FIREDRILL_RUN_FOLDER ?? join(import.meta.dirname, 'reports', 'runs', 'firedrill-by-hand')

export default defineConfig({
  testDir: 'scenarios',
  testMatch: '**/*.scenario.ts',
  workers: 1,
  retries: 0,
  fullyParallel: false,
  // A soak lasts as long as it was asked to, beside what every drill takes.
  timeout: 5 * 60_000 + toMs(process.env.FIREDRILL_SOAK || '0s'),
  outputDir: join(folder, '.playwright'),
  preserveOutput: 'never',
  maxFailures: process.env.FIREDRILL_KEEP === '1' ? 1 : 0,
  reporter: [['./harness/report/playwright-reporter.ts']],
})
