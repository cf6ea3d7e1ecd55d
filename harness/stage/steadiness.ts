// Whether everything holds: before the first fault for long enough to know what is usual, and once more at the end.
import { setTimeout as pause } from 'node:timers/promises'
import type { EventOf } from '../history/event.ts'
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

/** What does not hold by then is told. */
export const STEADY_LIMIT_MS = toMs('30s')

/** A gap of more than 50 ms in the baseline would make all of the drill that coarse: it is waited for one without, and for no longer than this. */
const CLEAN_LIMIT_MS = toMs('20s')
const STEADY_LOOK_EVERY_MS = 250
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

  /** Whether the last 5 s have no gap that a baseline may not have. */
  const isClean = (): boolean => (callers.live().lastSilenceAt ?? -Infinity) <= clock.now() - STEADY_HELD_MS

  /** A gateway that was cut off tells its control plane up to half a minute late that it is well again: a healthy drill would wait for that. */
  const isUntouched = (): boolean => !recorder.events().some(({ kind }) => kind === 'fault')

  /**
   * Looks until everything holds, for `heldMs` on end; where it does, for `cleanMs` more at most until a baseline is clean. Writes the last
   * look down and says whether it held.
   */
  const lookUntilSteady = async (heldMs: number, limitMs: number, cleanMs = 0): Promise<boolean> => {
    let until = clock.now() + limitMs
    let since: number | null = null
    let cleanUntil: number | null = null
    let lastAmiss: EventOf<'steady'>['lastAmiss']
    for (;;) {
      // Callers are seen for the last full seconds, the first of which may have begun as many seconds ago and one more.
      const least = asked.leastIn(clock.now() - (RATE_SECONDS + 1) * FULL_SECOND_MS, clock.now())
      const checks = await lookForSteadyState({
        topology,
        rotation,
        callers,
        askedRate: least,
        ...(isUntouched() && { instances }),
      })
      const amiss = checks.filter((check) => !check.ok)
      const ok = amiss.length === 0
      const now = clock.now()
      if (!ok) lastAmiss = { at: now, checks: amiss.map(({ name, because }) => ({ name, because })) }
      since = ok ? (since ?? now) : null
      const held = since !== null && now - since >= heldMs
      if (held && cleanUntil === null) {
        cleanUntil = now + cleanMs
        until = cleanUntil + limitMs
      }
      if (held ? now >= (cleanUntil ?? now) || isClean() : now > until) {
        recorder.record({
          kind: 'steady',
          at: clock.now(),
          ok: held,
          checks,
          ...(ok && !held && lastAmiss && { lastAmiss }),
        })
        return held
      }
      await pause(STEADY_LOOK_EVERY_MS)
    }
  }

  return {
    reach: async () => {
      const isSteady = await lookUntilSteady(STEADY_HELD_MS, STEADY_LIMIT_MS, CLEAN_LIMIT_MS)
      // A baseline to hold anything against.
      if (isSteady) await waitForQuiet({ recorder, clock }, clock.now() - STEADY_HELD_MS)
      return isSteady
    },
    lookAgain: async () => {
      await lookUntilSteady(0, LAST_LIMIT_MS)
    },
    expectBeside: (beside) => {
      sideRate = beside
      asked = askedRate(rate + beside)
    },
    ramp: (to, overMs) => asked.ramp(clock.now(), { to: to + sideRate, overMs }),
  }
}
