// The two ways to slow a node's packets, netem and a link in user space: which one the engine's kernel has, and what its helper needs.
import { FaultError } from '../../time/errors.ts'
import type { Network, Rule } from '../network/network.ts'

/** In whole ms: each round trip takes the delay longer, and up to the jitter more. */
export interface Delay {
  readonly delay: number
  readonly jitter: number
}

/** What a helper is given beyond what a packet rule needs, in the engine's words. */
export interface Needs {
  readonly Entrypoint?: readonly string[]
  readonly HostConfig?: Readonly<Record<string, unknown>>
}

/** The link's packets must not wait for the processor: every ms there is one that nobody asked for. A weight, no privilege. */
const FIRST_IN_LINE = 16_384

const TUN = '/dev/net/tun'

/** What the helper of this rule needs; nothing for a rule that only nftables carries. */
export const needsOf = ({ name }: Pick<Rule, 'name'>): Needs => {
  if (name === 'slow-netem') return { Entrypoint: ['firedrill-link'] }
  if (name !== 'slow-link') return {}
  return {
    Entrypoint: ['firedrill-link'],
    HostConfig: {
      CpuShares: FIRST_IN_LINE,
      Devices: [{ PathOnHost: TUN, PathInContainer: TUN, CgroupPermissions: 'rw' }],
    },
  }
}

/** The kernel's own words for a queue that it was built without. */
const NO_NETEM = /qdisc kind is unknown/i

/** Networks whose kernel said that it has no netem: it is not asked again. */
const withoutNetem = new WeakSet<Network>()

/**
 * Slows one container by netem, or by the link where the kernel has none. Throws FaultError when neither will do, with what
 * to do about it.
 */
export const slowDown = async (network: Network, container: string, { delay, jitter }: Delay): Promise<void> => {
  const parameters = { delay, jitter }
  if (!withoutNetem.has(network)) {
    try {
      await network.impose(container, { name: 'slow-netem', parameters })
      return
    } catch (error) {
      if (!NO_NETEM.test((error as Error).message)) throw error
      withoutNetem.add(network)
      // Whoever was refused holds nothing, and leaves before the next one comes.
      await network.lift(container)
    }
  }
  await network.impose(container, { name: 'slow-link', parameters }).catch((cause: Error) => {
    throw new FaultError(
      `The engine's kernel has no netem, and the link in user space would not do: ${cause.message}. Load either: \`modprobe sch_netem\`, or \`modprobe tun\` (it wants ${TUN}, and nftables with fwd).`,
      { code: 'ERR_NO_SLOW', cause },
    )
  })
}
