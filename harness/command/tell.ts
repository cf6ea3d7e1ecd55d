// Judges a run from its files, writes its report and says the verdict.
import { createRedactor } from '../history/redact.ts'
import { judgeRun } from '../report/judged.ts'
import { verdictLines } from '../report/terminal.ts'
import { writeReport } from '../report/write.ts'

/** Resolves with the exit code that goes with the verdict. Rejects when the folder holds no run. */
export const tell = async (folder: string, secrets: readonly string[]): Promise<number> => {
  const { summary, scenarios } = await judgeRun(folder)
  const redactor = createRedactor(secrets)
  const { html } = await writeReport(folder, summary, scenarios, (text) => redactor.text(text))
  for (const line of verdictLines(summary, scenarios, { report: html })) console.log(line)
  return summary.exitCode
}
