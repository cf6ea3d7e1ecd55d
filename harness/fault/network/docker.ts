// Network faults through the Docker engine: who holds which container's rule, and what to do once nobody does.
import { availableParallelism } from 'node:os'
import type { Clock } from '../../time/clock.ts'
import { takeTurns } from '../../time/turns.ts'
import { docker, isGone } from '../../topology/docker.ts'
import { needsOf } from '../link/means.ts'
import type { Probe } from '../runtime.ts'
import { type HeldLease, type HoldPlan, hold } from './hold.ts'
import type { Lifted, Network, NetworkWorld } from './network.ts'

const livesSince = async (container: string): Promise<string | null> => {
  try {
    const { State } = await docker().getContainer(container).inspect()
    return State.Running ? State.StartedAt : null
  } catch (error) {
    if (isGone(error)) return null
    throw error
  }
}

/**
 * A helper's start or removal takes the engine about 0.1 s of a processor, and a zone has a dozen: all at once they took every processor
 * from callers and gateways for half a second, as a fault began and as it was healed. So many are under way at once, for each processor.
 */
const HELPERS_SHARE = 0.5

/** The engine as a Network, with one lease for each container that has a rule. */
const dockerNetwork = (plan: HoldPlan): Network => {
  const leases = new Map<string, HeldLease>()
  /** Those on their way out, and those that would not go. */
  const leaving = new Map<HeldLease, Promise<void>>()
  const turns = takeTurns(Math.max(1, Math.floor(availableParallelism() * HELPERS_SHARE)))

  /** Whose rule is lifted has time, until nobody waits for a helper to start. */
  const dismiss = (lease: HeldLease, { isUrgent = false } = {}): Promise<void> => {
    const gone = isUrgent ? lease.leave() : turns.later(() => lease.leave())
    leaving.set(lease, gone)
    // Whoever waits in `settled` hears of a failure; nobody has to wait there.
    gone.then(
      () => leaving.delete(lease),
      () => {},
    )
    return gone
  }

  /** What a new helper in the namespace of now says; null when the container does not run. */
  const withNewHelper = async <T>(container: string, ask: (lease: HeldLease) => Promise<T>): Promise<T | null> => {
    if ((await livesSince(container)) === null) return null
    const lease = await turns
      .sooner(() => hold(container, plan))
      .catch(async (error: unknown) => {
        // It may have stopped in between, and its namespace with it.
        if ((await livesSince(container)) === null) return null
        throw error
      })
    if (!lease) return null
    return ask(lease).finally(() => void dismiss(lease))
  }

  const liftByHolder = async (lease: HeldLease): Promise<Lifted> => {
    try {
      const tally = await lease.lift()
      if (tally) return { outcome: 'counted', tally }
      return { outcome: 'uncounted', because: 'somebody else had taken the rule away' }
    } catch (error) {
      return { outcome: 'uncounted', because: (error as Error).message }
    }
  }

  return {
    async impose(container, rule) {
      const lease = await turns.sooner(() => hold(container, { ...plan, needs: needsOf(rule) }))
      leases.set(container, lease)
      await lease.impose(rule)
    },
    async count(container) {
      const lease = leases.get(container)
      return lease && lease.lost() === null ? lease.count().catch(() => null) : null
    },
    async reach(container, address, port) {
      const lease = leases.get(container)
      return lease && lease.lost() === null ? lease.reach(address, port).catch(() => null) : null
    },
    async lift(container) {
      const lease = leases.get(container)
      leases.delete(container)
      const lifted: Lifted = lease
        ? await liftByHolder(lease)
        : { outcome: 'uncounted', because: 'no helper of ours held a rule here' }
      if (lifted.outcome === 'counted' && lease) {
        void dismiss(lease)
        return lifted
      }
      // The old one may hang and cannot be relied on: it is ended, and whatever is still there is for a new one to take away.
      if (lease) await dismiss(lease, { isUrgent: true }).catch(() => {})
      await withNewHelper(container, (helper) => helper.lift())
      return lifted
    },
    look: (container) => withNewHelper(container, (helper) => helper.look()),
    sever: async (container, port) => (await withNewHelper(container, (helper) => helper.sever(port))) ?? 0,
    livesSince,
    async settled() {
      await Promise.allSettled(leaving.values())
      // A busy engine carries out what it was slow with, or said no to: asked again, it knows that the helper is gone.
      await Promise.all([...leaving.keys()].map((lease) => dismiss(lease)))
    },
  }
}

/** The world of network faults on a deployment of ours. `run` goes on every helper's label, so that cleaning finds it. */
export const networkOver = (options: {
  readonly run: string
  readonly probe: Probe
  readonly clock: Clock
  readonly image?: string
}): NetworkWorld => ({
  run: options.run,
  network: dockerNetwork({ run: options.run, image: options.image ?? 'firedrill/fault-helper:local' }),
  probe: options.probe,
  clock: options.clock,
})
