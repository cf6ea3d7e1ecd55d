// Playwright Test runs every scenario: one worker, one deployment at a time, no second try.
import { join } from 'node:path'
import { defineConfig } from '@playwright/test'
import { testLimitMs } from './harness/stage/time-limits.ts'

const folder = process.env.FIREDRILL_RUN_FOLDER ?? join(import.meta.dirname, 'reports', 'runs', 'firedrill-by-hand')

export default defineConfig({
  testDir: 'scenarios',
  testMatch: '**/*.scenario.ts',
  workers: 1,
  retries: 0,
  fullyParallel: false,
  timeout: testLimitMs(process.env),
  outputDir: join(folder, '.playwright'),
  preserveOutput: 'never',
  maxFailures: process.env.FIREDRILL_KEEP === '1' ? 1 : 0,
  reporter: [['./harness/report/playwright-reporter.ts']],
})
