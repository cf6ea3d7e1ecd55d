// Injectors broken on purpose, to see that a fault which did not happen is never taken for one that did.
import { ScenarioError } from '../time/errors.ts'
import type { Network } from './network/network.ts'
import type { Runtime } from './runtime.ts'

/** A runtime that says done and does nothing. */
const noOp = (runtime: Runtime): Runtime => ({
  ...runtime,
  stop: async () => {},
  kill: async () => {},
  pause: async () => {},
})

/** The runtime with the sabotage that FIREDRILL_SABOTAGE names. Throws ScenarioError when it is unknown. It can only cost a pass. */
export const sabotaged = (runtime: Runtime, name: string | undefined): Runtime => {
  return isNoOp(name) ? noOp(runtime) : runtime
}

/** The same for packet rules. */
export const sabotagedNetwork = (network: Network, name: string | undefined): Network =>
  isNoOp(name) ? { ...network, impose: async () => {} } : network

const isNoOp = (name: string | undefined): boolean => {
  if (!name) return false
  if (name === 'no-op') return true
  throw new ScenarioError(`FIREDRILL_SABOTAGE is '${name}': expected no-op.`, { code: 'ERR_SABOTAGE' })
}
