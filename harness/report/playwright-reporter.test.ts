import type { TestCase, TestResult } from '@playwright/test/reporter'
import { afterEach, expect, test, vi } from 'vitest'
import DrillReporter from './playwright-reporter.ts'

afterEach(() => vi.restoreAllMocks())

/** What is written to either stream of the terminal meanwhile. */
const writtenBy = (act: () => void): string => {
  const written: string[] = []
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => written.push(String(text)) > 0)
  act()
  return written.join('')
}

const HOSTILE = 'The Admin API said \u001B]0;owned\u0007\u001B[2Jno.\nStatus 500\u009B31m, expected 200.'

test('escape sequences in what a deployment said do not reach the terminal by an error', () => {
  const result = { errors: [{ message: HOSTILE }] } as unknown as TestResult
  const told = writtenBy(() => new DrillReporter().onTestEnd({} as TestCase, result))
  expect(told).toBe('  The Admin API said no.\n  Status 500, expected 200.\n')
})

test('nor by an error of Playwright’s own', () => {
  expect(writtenBy(() => new DrillReporter().onError({ message: HOSTILE }))).toBe(
    'The Admin API said no.\nStatus 500, expected 200.\n',
  )
})
