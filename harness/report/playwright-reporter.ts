// Lets what a worker prints through to the terminal, and says what Playwright itself could not do.
import type { Reporter, TestCase, TestError, TestResult } from '@playwright/test/reporter'
import { ascii } from './terminal.ts'

/** Verdicts come from the files of the run; Playwright's own count of tests is nobody's business. */
export default class DrillReporter implements Reporter {
  onStdOut(chunk: string | Buffer): void {
    process.stdout.write(chunk)
  }

  onStdErr(chunk: string | Buffer): void {
    process.stderr.write(chunk)
  }

  onTestBegin(test: TestCase): void {
    process.stdout.write(`\n${test.title}\n`)
  }

  onTestEnd(_test: TestCase, result: TestResult): void {
    for (const { message = '' } of result.errors)
      process.stdout.write(`  ${printable(message).slice(0, 6).join('\n  ')}\n`)
  }

  onError(error: TestError): void {
    const said = error.message ?? error.value ?? 'Playwright failed without a word.'
    process.stderr.write(`${printable(said).join('\n')}\n`)
  }

  printsToStdio(): boolean {
    return true
  }
}

/** An error may quote a deployment's own words. */
const printable = (text: string): readonly string[] => text.split('\n').map(ascii)
