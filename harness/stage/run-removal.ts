// The end of a run's deployment: it goes, and what was said of an earlier removal that failed goes with it.
import { removeForGood } from '../fault/clearing.ts'
import { forgetLeftBehind } from '../report/judged.ts'
import { remove, residueOf } from '../topology/residue.ts'

interface EndingRun {
  readonly run: string
  readonly folder: string
  /** Its processes did not end by themselves: what they asked of the engine in their last moment may come to be yet, and goes too. */
  readonly isCutShort?: boolean
}

/**
 * Removes what carries the run's label, also what comes to be meanwhile. Once nothing of it is there any more, nothing was left behind, though an
 * earlier removal may have failed. Rejects when something would not go. Idempotent.
 */
export const removeRun = async ({ run, folder, isCutShort = false }: EndingRun): Promise<void> => {
  await (isCutShort ? removeForGood(run) : remove(run))
  if ((await residueOf(run)).length > 0) await removeForGood(run)
  await forgetLeftBehind(folder)
}
