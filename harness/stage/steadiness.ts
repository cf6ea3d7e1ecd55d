// Whether everything holds: before the first fault for long enough to know what is usual, and once more at the end.
import { STEADY_HELD_MS } from '../history/periods.ts'
import type { Recorder } from '../history/recorder.ts'
import type { Clock } from '../time/clock.ts'
import { toMs } from '../time/duration.ts'
import type { Topology } from '../topology/topology.ts'
import type { AdminAnswer } from '../traffic/admin-api.ts'
import { askedRate } from '../traffic/asked-rate.ts'
import type { Callers } from '../traffic/callers.ts'
import { RATE_SECONDS } from '../traffic/live-traffic.ts'
import type { RotationWatch } from '../traffic/rotation.ts'
import { lookForSteadyState } from '../traffic/steady.ts'
import { waitForQuiet } from './quiet-time.ts'
import { type Limits, type Looking, untilSteady } from './until-steady.ts'

/** What does not hold by then is told. */
export const STEADY_LIMIT_MS = toMs('30s')

/** A gap of more than 50 ms in the baseline would make all of the drill that coarse: it is waited for one without, and for no longer than this. */
const CLEAN_LIMIT_MS = toMs('20s')
const FULL_SECOND_MS = 1000

/** At the end: a container that was cut off for long is looked at by the engine only every 15 s. */
const LAST_LIMIT_MS = toMs('20s')

export interface Steadiness {
  /** Waits until all of it has held for 5 s, and until a baseline can be read off that shows 50 ms; whether it held within 30 s. */
  reach(): Promise<boolean>
  /** Looks until everything holds once more, for 20 s at most. */
  lookAgain(): Promise<void>
  /** So many calls a second go to other lanes than the main ones. */
  expectBeside(rate: number): void
  /** From now on the main lanes go evenly to so many calls a second together. */
  ramp(to: number, overMs: number): void
}

/** Callers are expected to call `rate` times a second on their main lanes. Each look that ends a wait is written down. */
export const watchSteadiness = ({
  topology,
  rotation,
  callers,
  recorder,
  clock,
  rate,
  instances,
}: {
  readonly topology: Topology
  readonly rotation: RotationWatch
  readonly callers: Callers
  readonly recorder: Recorder
  readonly clock: Clock
  readonly rate: number
  /** The control plane's list of its gateways; null before anybody has signed in. */
  readonly instances: () => Promise<AdminAnswer | null>
}): Steadiness => {
  let sideRate = 0
  let asked = askedRate(rate)

  const world: Looking = {
    now: clock.now,
    look: () =>
      lookForSteadyState({
        topology,
        rotation,
        callers,
        // Callers are seen for the last full seconds, the first of which may have begun as many seconds ago and one more.
        askedRate: asked.leastIn(clock.now() - (RATE_SECONDS + 1) * FULL_SECOND_MS, clock.now()),
        // A gateway that was cut off tells its control plane up to half a minute late that it is well again: a healthy drill would wait for that.
        ...(!recorder.events().some(({ kind }) => kind === 'fault') && { instances }),
      }),
    isClean: () => (callers.live().lastSilenceAt ?? -Infinity) <= clock.now() - STEADY_HELD_MS,
  }

  const lookUntilSteady = async (limits: Limits): Promise<boolean> => {
    const look = await untilSteady(world, limits)
    recorder.record({ kind: 'steady', at: clock.now(), ...look })
    return look.ok
  }

  return {
    reach: async () => {
      const isSteady = await lookUntilSteady({
        heldMs: STEADY_HELD_MS,
        limitMs: STEADY_LIMIT_MS,
        cleanMs: CLEAN_LIMIT_MS,
      })
      // A baseline to hold anything against.
      if (isSteady) await waitForQuiet({ recorder, clock }, clock.now() - STEADY_HELD_MS)
      return isSteady
    },
    lookAgain: async () => {
      await lookUntilSteady({ heldMs: 0, limitMs: LAST_LIMIT_MS, cleanMs: 0 })
    },
    expectBeside: (beside) => {
      sideRate = beside
      asked = askedRate(rate + beside)
    },
    ramp: (to, overMs) => asked.ramp(clock.now(), { to: to + sideRate, overMs }),
  }
}
