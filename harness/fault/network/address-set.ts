// Addresses as a packet rule takes them.
import { isIPv4 } from 'node:net'
import { ScenarioError } from '../../time/errors.ts'

/** A loopback address that nobody has: a set may not be empty. */
const NOBODY = '127.255.255.254'

/** '{10.0.0.1,10.0.0.2}'. Throws ScenarioError on what is no IPv4 address. */
export const addressSet = (kind: string, addresses: readonly string[]): string => {
  const odd = addresses.find((address) => !isIPv4(address))
  if (odd !== undefined) throw new ScenarioError(`${kind}: '${odd}' is no IPv4 address.`, { code: 'ERR_FAULT_OPTION' })
  return `{${addresses.length > 0 ? [...new Set(addresses)].join(',') : NOBODY}}`
}
