// How often callers have to call for a drill to be able to pass at all, and the refusal of a rate below that.
import { LEAST_WATCHING_RATE } from './analysis/sight.ts'
import { ScenarioError } from './time/errors.ts'
import type { Zone } from './topology/topology.ts'
import { mainLaneCount, placesOf } from './topology/zones.ts'

/**
 * `callerZones`: where callers stand on the stack that is to be played on, beside those outside. Throws ScenarioError ERR_OPTION where a lane's
 * share of the rate is too small to see 50 ms; a rate that the drill chooses itself never is.
 */
export const refuseBlindRate = (rate: number | undefined, callerZones: readonly Zone[]): void => {
  const lanes = mainLaneCount(placesOf(callerZones))
  const least = lanes * LEAST_WATCHING_RATE
  if (rate === undefined || rate >= least) return
  const shared = callerZones.length === 0 ? '' : ` with callers in ${callerZones.join(', ')} and outside`
  throw new ScenarioError(
    `--rate is '${rate}': expected ${least} calls a second or more. ${lanes} lanes share it${shared}, and a lane with fewer than ${LEAST_WATCHING_RATE} cannot see an outage of 50 ms, so nothing could pass.`,
    { code: 'ERR_OPTION' },
  )
}
