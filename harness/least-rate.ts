// How often callers have to call for a drill to be able to pass at all, and the refusal of a rate below that.
import { LEAST_WATCHING_RATE } from './analysis/sight.ts'
import { ScenarioError } from './time/errors.ts'

/** In each place where callers stand: on connections that they keep, and on new ones. */
const LANES_A_PLACE = 2

const zonesIn = (callerZones: string): readonly string[] => [
  ...new Set(callerZones.split(/[\s,]+/).filter((zone) => zone !== '' && zone !== 'outside')),
]

/** `callerZones` is CALLER_ZONES as it was given. Throws ScenarioError ERR_OPTION where a lane's share of the rate is too small to see 50 ms. */
export const refuseBlindRate = (rate: number, callerZones = ''): void => {
  const zones = zonesIn(callerZones)
  const lanes = LANES_A_PLACE * (1 + zones.length)
  const least = lanes * LEAST_WATCHING_RATE
  if (rate >= least) return
  const shared = zones.length === 0 ? '' : ` with callers in CALLER_ZONES '${callerZones}' and outside`
  throw new ScenarioError(
    `--rate is '${rate}': expected ${least} calls a second or more. ${lanes} lanes share it${shared}, and a lane with fewer than ${LEAST_WATCHING_RATE} cannot see an outage of 50 ms, so nothing could pass.`,
    { code: 'ERR_OPTION' },
  )
}
