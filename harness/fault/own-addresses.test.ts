import { expect, test } from 'vitest'
import { hasItsAddresses } from './own-addresses.ts'

const onNetworks = (isRunning: boolean, networks: Readonly<Record<string, string>>) => ({
  State: { Running: isRunning },
  NetworkSettings: {
    Networks: Object.fromEntries(Object.entries(networks).map(([name, IPAddress]) => [name, { IPAddress }])),
  },
})

test.each([
  ['runs with an address', onNetworks(true, { deployment: '10.213.77.21' }), true],
  ['runs without one', onNetworks(true, { deployment: '' }), false],
  ['runs without one of two', onNetworks(true, { deployment: '10.213.77.21', other: '' }), false],
  ['does not run', onNetworks(false, { deployment: '' }), true],
  ["runs on the machine's own network", onNetworks(true, { host: '' }), true],
  ["runs in another container's network", onNetworks(true, {}), true],
])('a container that %s: %o → %s', (_, container, has) => {
  expect(hasItsAddresses(container)).toBe(has)
})
