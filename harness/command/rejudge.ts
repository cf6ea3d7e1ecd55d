// `npm run rejudge -- <folder>`: the verdict of a saved run again, from its files alone.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { secretsOf } from '../options.ts'
import { copyEarlier } from '../report/earlier.ts'
import type { RunFile } from '../report/judged.ts'
import { ScenarioError } from '../time/errors.ts'
import { judgeAndReport } from './judge-and-report.ts'
import { bareProvenance } from './provenance.ts'
import { wordsOf } from './words.ts'

/**
 * Judges a run's folder again; what it was judged to before is kept where that was something else. Throws ScenarioError where not exactly one
 * folder is named, or it holds no run; EnvironmentError where what is there cannot be kept.
 */
export const rejudge = async (argv: readonly string[]): Promise<number> => {
  const { positionals } = wordsOf('rejudge', argv, { options: {}, names: 'the folder of a run' })
  const [folder, ...others] = positionals
  // The exit code is one run's: of several it would be that of the first, and nobody's.
  if (folder === undefined || others.length > 0)
    throw new ScenarioError(
      `rejudge needs the folder of one run, and was given ${positionals.length}: npm run rejudge -- reports/runs/<run>.`,
      { code: 'ERR_NO_FOLDER' },
    )
  await demandRun(folder)
  const earlier = await copyEarlier(folder)
  if (earlier === null) return judgeAndReport(folder, secretsOf(process.env))
  const { harness: judge } = await bareProvenance()
  return judgeAndReport(folder, secretsOf(process.env), { earlier, judge })
}

/** Throws ScenarioError ERR_NO_RUN on a folder without the file that every run begins with, or with one that is torn. */
const demandRun = async (folder: string): Promise<void> => {
  const noRun = (because: string, cause?: unknown): ScenarioError =>
    new ScenarioError(`${folder} is not the folder of a run: ${because}.`, { code: 'ERR_NO_RUN', cause })
  const text = await readFile(join(folder, 'run.json'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw noRun(error.code === 'ENOENT' ? 'run.json is not there' : `run.json cannot be read (${error.code})`, error)
  })
  if (!isRun(text)) throw noRun('its run.json is torn, or of something else')
}

const isRun = (text: string): boolean => {
  try {
    const run = JSON.parse(text) as Partial<RunFile> | null
    const isWhole = Array.isArray(run?.scenarios) && Array.isArray(run.skipped) && run.provenance !== undefined
    return run?.schema === 'firedrill.run/1' && isWhole
  } catch {
    return false
  }
}
