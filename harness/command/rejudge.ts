// `npm run rejudge -- <folder>`: the verdict of a saved run again, from its files alone.
import { secretsOf } from '../options.ts'
import { ScenarioError } from '../time/errors.ts'
import { tell } from './tell.ts'

/** Judges a run's folder again. Throws ScenarioError when no folder is named or it holds no run. */
export const rejudge = async ([folder]: readonly string[]): Promise<number> => {
  if (!folder)
    throw new ScenarioError('rejudge needs the folder of a run: npm run rejudge -- reports/runs/<run>.', {
      code: 'ERR_NO_FOLDER',
    })
  return tell(folder, secretsOf(process.env)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    throw new ScenarioError(`${folder} is not the folder of a run: ${error.path ?? 'run.json'} is not there.`, {
      code: 'ERR_NO_RUN',
      cause: error,
    })
  })
}
