// Judges one run's folder as `rejudge` does, and prints as JSON what that cost this process, which does nothing else.
import { statSync } from 'node:fs'
import { createRedactor } from '../history/redact.ts'
import { judgeRun } from '../report/judged.ts'
import { writeReport } from '../report/write.ts'
import { writeJudged } from '../report/write-judged.ts'
import type { Judging } from './analysis-bench.ts'

const main = async (folder: string): Promise<Judging> => {
  const began = performance.now()
  const run = await judgeRun(folder)
  await writeJudged(folder, run)
  const { summary, scenarios } = run
  const judged = performance.now()
  const redactor = createRedactor(['a-password-of-somebody'])
  const { html, unwritten } = await writeReport(folder, summary, scenarios, (text) => redactor.text(text))
  if (html === null) throw new Error(`The report could not be written: ${unwritten.join(', ')}.`)
  const written = performance.now()
  return {
    calls: scenarios.flatMap(({ history }) => history.lanes).reduce((sum, { count }) => sum + count, 0),
    judgeMs: judged - began,
    reportMs: written - judged,
    htmlBytes: statSync(html).size,
    // The kernel's own high-water mark, in kB.
    peakBytes: process.resourceUsage().maxRSS * 1024,
  }
}

console.log(JSON.stringify(await main(process.argv[2] ?? '')))
