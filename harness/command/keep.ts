// `--keep`: what became of the deployment of a drill that did not pass.
import { setTimeout as pause } from 'node:timers/promises'
import { undoRun } from '../fault/clearing.ts'
import { openFaults } from '../fault/fault-log.ts'
import type { Options } from '../options.ts'
import { judgeRun } from '../report/judged.ts'
import { removeRun } from '../stage/run-removal.ts'
import { within } from '../time/turns.ts'
import { attach } from '../topology/attach.ts'
import { endLease, takeLease } from '../topology/lease.ts'
import { residueOf } from '../topology/residue.ts'
import { addressesOf } from './addresses.ts'

/** The warden may be at it: it gives up itself after as long. */
const UNDONE_WITHIN_MS = 60_000
const LOOK_EVERY_MS = 100
const ANSWER_LIMIT_MS = 30_000
/** Long enough for whoever is waited for above, and for every step of what was left open. */
const KEPT_WITHIN_MS = 180_000

const silent = (): Error => new Error('the Docker engine does not answer.')

/** Undoes what the drill left open, as the warden does when it sees that the deployment stays. Resolves with how it stands then. */
const healed = async (run: string): Promise<string> => {
  try {
    const failed = await undone(run)
    const open = openFaults(run).map(({ kind, targets }) => `${kind} of ${targets.join(', ')}`)
    if (open.length === 0) return 'healed'
    return `not healed: ${open.join('; ')} would not be undone (${failed.join('; ')}), which \`npm run clean\` tries again`
  } catch (error) {
    return `and nobody can say that it is healed: ${(error as Error).message}`
  }
}

/** What would not be undone. Where somebody else undoes it, that is waited for, and looked at again: it does no harm. */
const undone = async (run: string): Promise<readonly string[]> => {
  const until = Date.now() + UNDONE_WITHIN_MS
  for (;;) {
    const cleared = await undoRun(run)
    if (cleared) return cleared.failed
    if (Date.now() > until) return [`somebody else is still at it after ${UNDONE_WITHIN_MS / 1000} s`]
    await pause(LOOK_EVERY_MS)
  }
}

/** Whether there is something to look at: what was played did not pass, and a deployment of it is up. Where nobody knows, there may be. */
export const isToStay = async ({ run, folder }: Options): Promise<boolean> => {
  const { summary } = await judgeRun(folder)
  return summary.exitCode !== 0 && (await within(isUp(run), ANSWER_LIMIT_MS, silent).catch(() => true))
}

const isUp = async (run: string): Promise<boolean> =>
  (await residueOf(run)).some(({ containers }) => containers.length > 0)

/**
 * A failed deployment that was asked to stay becomes an `up` deployment: it lives until `down`. One that is gone, since what did not
 * pass was not played on it, has its lease ended. Rejects where the engine does not answer.
 */
export const keep = (options: Options): Promise<void> => within(kept(options), KEPT_WITHIN_MS, silent)

const kept = async ({ run, folder, stack, subnet }: Options): Promise<void> => {
  if (!(await isUp(run))) {
    await removeRun({ run, folder })
    await endLease(run)
    console.log(
      `--keep: no deployment of run ${run} is left up. Only one in which a scenario was played and failed stays.`,
    )
    return
  }
  await takeLease({ run, kind: 'up', subnet })
  const state = await healed(run)
  const where = await attach({ run, stack, subnet })
    .then(addressesOf)
    .then(
      ({ dashboard, gateway }) => `Dashboard ${dashboard}, gateway ${gateway}`,
      (error: Error) => `where its Dashboard is nobody can say: ${error.message}`,
    )
  console.log(
    `The deployment is left up, ${state} (run ${run}, subnet ${subnet}.0/24; ${where}). \`npm run down\` removes it.`,
  )
}
