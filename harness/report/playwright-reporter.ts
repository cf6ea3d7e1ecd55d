// Lets what a worker prints through to the terminal, and says what Playwright itself could not do.
import type { Reporter, TestCase, TestError, TestResult } from '@playwright/test/reporter'

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
    for (const error of result.errors)
      process.stdout.write(`  ${(error.message ?? '').split('\n').slice(0, 6).join('\n  ')}\n`)
  }

  onError(error: TestError): void {
    process.stderr.write(`${error.message ?? error.value ?? 'Playwright failed without a word.'}\n`)
  }

  printsToStdio(): boolean {
    return true
  }
}
