// Judges a run from its files, writes its report and says the verdict.
import { join } from 'node:path'
import { createRedactor } from '../history/redact.ts'
import { type Earlier, judgedBy, toldAgain } from '../report/earlier.ts'
import { judgeRun } from '../report/judged.ts'
import { redactAll } from '../report/redact-values.ts'
import type { Harness } from '../report/summary.ts'
import { verdictLines } from '../report/terminal.ts'
import { writeReport } from '../report/write.ts'
import { writeJudged } from '../report/write-judged.ts'

/** A run that was judged before, and who judges it now. */
export interface Again {
  readonly earlier: Earlier
  readonly judge: Harness
}

/**
 * Resolves with the exit code that goes with the verdict; with 3 where it is a pass whose files could not all be written, which nobody
 * could show later. Rejects when the folder holds no run.
 */
export const judgeAndReport = async (folder: string, secrets: readonly string[], again?: Again): Promise<number> => {
  const redactor = createRedactor(secrets)
  const redact = (text: string): string => redactor.text(text)
  const run = await judgeRun(folder)
  const { summary: judged, scenarios } = run
  const unwritten = await writeJudged(folder, run)
  const clean = redactAll(judged, scenarios, redact)
  const anew = again ? { ...again, ...toldAgain(again.earlier, clean, again.judge) } : null
  const summary = judgedBy(judged, anew?.judgedBy)
  const report = await writeReport(folder, summary, scenarios, redact)
  const missing = [...new Set([...unwritten, ...report.unwritten])]
  const exitCode = missing.length > 0 && summary.exitCode === 0 ? 3 : summary.exitCode
  const lines = verdictLines({ ...summary, exitCode }, scenarios, { report: report.html ?? 'not written' })
  for (const line of lines) console.log(line)
  if (anew?.isOther)
    console.log(`It was judged otherwise before: that is kept in ${join(folder, await anew.earlier.keep())}.`)
  else await anew?.earlier.drop()
  if (missing.length > 0) console.log(sayMissing(missing, folder))
  return exitCode
}

const MOST_SAID = 10

const sayMissing = (missing: readonly string[], folder: string): string => {
  const more = missing.length > MOST_SAID ? ` and ${missing.length - MOST_SAID} more` : ''
  return `${missing.slice(0, MOST_SAID).join(', ')}${more} could not be written: what lies there is of an earlier judging, if anything. See to the disk and the rights of ${folder}, or copy it to where there is room, and \`npm run rejudge -- <folder>\`.`
}
