// The deployment's subnet, as three octets: FIREDRILL_SUBNET moves it.
import { ScenarioError } from '../time/errors.ts'

const DEFAULT_SUBNET = '10.213.77'

/** Three octets from FIREDRILL_SUBNET ('10.99.0' or '10.99.0.0/24'). Throws ScenarioError ERR_SUBNET on anything else. */
export const subnetFrom = (environment: Readonly<Record<string, string | undefined>>): string => {
  const asked = environment.FIREDRILL_SUBNET || DEFAULT_SUBNET
  const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})(\.0\/24)?$/.exec(asked)?.slice(1, 4)
  if (octets?.every((octet) => Number(octet) <= 255)) return octets.map(Number).join('.')
  throw new ScenarioError(
    `FIREDRILL_SUBNET is '${asked}': expected three octets or a /24, as in 10.99.0 or 10.99.0.0/24.`,
    {
      code: 'ERR_SUBNET',
    },
  )
}
