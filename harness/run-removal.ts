// The end of a run's deployment: it goes, and what was said of an earlier removal that failed goes with it.
import { forgetLeftBehind } from './report/judged.ts'
import { remove, residueOf } from './topology/residue.ts'

/**
 * Removes what carries the run's label. Once nothing of it is there any more, nothing was left behind, though an earlier removal may
 * have failed. Rejects when something would not go. Idempotent.
 */
export const removeRun = async ({ run, folder }: { readonly run: string; readonly folder: string }): Promise<void> => {
  await remove(run)
  if ((await residueOf(run)).length === 0) await forgetLeftBehind(folder)
}
