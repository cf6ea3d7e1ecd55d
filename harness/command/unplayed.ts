// What is left of a run of which nothing came, since the machine or the request was at fault: a report that says so. Exit code 3.
import { basename, join } from 'node:path'
import { createRedactor } from '../history/redact.ts'
import { secretsOf } from '../options.ts'
import { writeCouldNotRun } from '../report/could-not-run.ts'
import { isThere, writeWhole } from '../report/files.ts'
import { judgeRun, type RunFile } from '../report/judged.ts'
import { writeReport } from '../report/write.ts'
import { writeJudged } from '../report/write-judged.ts'
import { bareProvenance } from './provenance.ts'

/** A run that was not begun: what of it is known without an engine. What was asked for may be what is at fault. */
const unbegun = async (folder: string, env: NodeJS.ProcessEnv): Promise<RunFile> => {
  const seed = Number(env.FIREDRILL_SEED || 1)
  return {
    schema: 'firedrill.run/1',
    run: basename(folder),
    stack: env.FIREDRILL_STACK || 'unknown',
    ...(env.FIREDRILL_DEFECT && { defect: env.FIREDRILL_DEFECT }),
    seed: Number.isSafeInteger(seed) ? seed : 0,
    startedAt: new Date().toISOString(),
    scenarios: [],
    skipped: [],
    provenance: await bareProvenance(),
  }
}

/** Writes the reason into the run's folder, and the report that goes with it. Nothing is printed: who throws it says it. */
export const tellUnplayed = async (
  folder: string,
  env: NodeJS.ProcessEnv,
  error: Error & { readonly code?: string },
): Promise<void> => {
  const { name, message, code = 'ERR_DRILL' } = error
  await writeCouldNotRun(folder, { name, message, code })
  if (!(await isThere(join(folder, 'run.json')))) {
    const run = await unbegun(folder, env)
    await writeWhole(join(folder, 'run.json'), `${JSON.stringify(run, null, 2)}\n`)
  }
  const judged = await judgeRun(folder)
  await writeJudged(folder, judged)
  const { summary, scenarios } = judged
  const redactor = createRedactor(secretsOf(env))
  await writeReport(folder, summary, scenarios, (text) => redactor.text(text))
}
