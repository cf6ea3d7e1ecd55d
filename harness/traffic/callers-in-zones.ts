// Callers in several places as one: each lane is sent from its own zone, everything else is asked from outside of every zone.
import type { LaneHeader } from '../history/call.ts'
import type { Callers } from './callers.ts'
import type { LanePlan } from './lane-plan.ts'

/** `inZones` by the zone that each stands in. They have one live view, which is that of `outside`. */
export const callersInZones = (outside: Callers, inZones: ReadonlyMap<string, Callers>): Callers => {
  const all = [outside, ...inZones.values()]
  const opened = new Map<string, Callers>()
  return {
    ...outside,
    open: async (plan: LanePlan): Promise<LaneHeader> => {
      const callers = plan.zone === 'outside' ? outside : inZones.get(plan.zone)
      if (!callers)
        throw new RangeError(`Lane ${plan.lane} is to be called from zone ${plan.zone}: nobody stands there.`)
      opened.set(plan.lane, callers)
      return callers.open(plan)
    },
    ramp: (lane, change) => (opened.get(lane) ?? outside).ramp(lane, change),
    close: (lane) => (opened.get(lane) ?? outside).close(lane),
    closeAll: async () => void (await Promise.all(all.map((callers) => callers.closeAll()))),
    lost: () => all.map((callers) => callers.lost()).find((because) => because !== null) ?? null,
    stop: async () => {
      // Each is stopped, whatever becomes of the others.
      const stops = await Promise.allSettled(all.map((callers) => callers.stop()))
      const failed = stops.find((stop) => stop.status === 'rejected')
      if (failed) throw failed.reason
    },
  }
}
