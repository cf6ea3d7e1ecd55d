// `--keep`: what became of the deployment of a drill that did not pass.
import type { Options } from '../options.ts'
import { attach } from '../topology/attach.ts'
import { endLease, takeLease } from '../topology/lease.ts'
import { remove, residueOf } from '../topology/residue.ts'
import { addressesOf } from './addresses.ts'

/**
 * A failed deployment that was asked to stay becomes an `up` deployment: it lives until `down`. One that is gone, since what did not
 * pass was not played on it, has its lease ended.
 */
export const keep = async ({ run, stack, subnet }: Options): Promise<void> => {
  const left = await residueOf(run)
  if (!left.some(({ containers }) => containers.length > 0)) {
    await remove(run)
    await endLease(run)
    console.log(
      `--keep: no deployment of run ${run} is left up. Only one in which a scenario was played and failed stays.`,
    )
    return
  }
  await takeLease({ run, kind: 'up', subnet })
  const where = await attach({ run, stack, subnet })
    .then(addressesOf)
    .then(
      ({ dashboard, gateway }) => `Dashboard ${dashboard}, gateway ${gateway}`,
      (error: Error) => `where its Dashboard is nobody can say: ${error.message}`,
    )
  console.log(
    `The deployment is left up, healed (run ${run}, subnet ${subnet}.0/24; ${where}). \`npm run down\` removes it.`,
  )
}
