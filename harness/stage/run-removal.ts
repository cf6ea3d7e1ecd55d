// The end of a run's deployment: it goes, and what was said of an earlier removal that failed goes with it.
import { removeForGood } from '../fault/clearing.ts'
import { forgetLeftBehind } from '../report/judged.ts'
import { EnvironmentError } from '../time/errors.ts'
import { within } from '../time/turns.ts'
import { remove, residueOf } from '../topology/residue.ts'

interface EndingRun {
  readonly run: string
  readonly folder: string
  /** Its processes did not end by themselves: what they asked of the engine in their last moment may come to be yet, and goes too. */
  readonly isCutShort?: boolean
}

/** A deployment of two dozen containers, with all that is waited for, is removed within a minute; the second is for an engine that is busy. */
const REMOVAL_LIMIT_MS = 120_000

/**
 * Removes what carries the run's label, also what comes to be meanwhile. Once nothing of it is there any more, nothing was left behind, though an
 * earlier removal may have failed. Rejects when something would not go, and with EnvironmentError ERR_ENGINE_SILENT where the engine does
 * not answer. Idempotent.
 */
export const removeRun = (ending: EndingRun, limitMs = REMOVAL_LIMIT_MS): Promise<void> =>
  within(
    removed(ending),
    limitMs,
    () =>
      new EnvironmentError(
        `The Docker engine did not remove ${ending.run} within ${limitMs / 1000} s: see that it answers \`docker ps\`, or restart it, then run \`npm run clean\`.`,
        { code: 'ERR_ENGINE_SILENT' },
      ),
  )

const removed = async ({ run, folder, isCutShort = false }: EndingRun): Promise<void> => {
  await (isCutShort ? removeForGood(run) : remove(run))
  if ((await residueOf(run)).length > 0) await removeForGood(run)
  await forgetLeftBehind(folder)
}
