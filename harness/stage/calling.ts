// Who calls when: capacity before anybody else, then every lane at once, and from then on at the rate that the script asks for.
import type { Recorder } from '../history/recorder.ts'
import type { Options } from '../options.ts'
import type { Clock } from '../time/clock.ts'
import { ScenarioError } from '../time/errors.ts'
import type { Node, Topology } from '../topology/topology.ts'
import type { Callers } from '../traffic/callers.ts'
import { measureCapacity } from '../traffic/capacity.ts'
import type { Mix } from '../traffic/mix/mix.ts'
import { callersRate, lanePlans, mainLanes, speaksHttp2 } from './lanes.ts'
import type { Steadiness } from './steadiness.ts'

export interface Calling {
  /**
   * How much each group carries, on record. Throws ScenarioError ERR_IN_USE once the lanes are open: while callers call, it would be they who
   * are kept waiting.
   */
  measureCapacity(groups: readonly (readonly Node[])[]): Promise<void>
  /** Opens every lane; again does nothing more. */
  openLanes(): Promise<void>
  /**
   * The main lanes to so many calls a second together, and the control lane beside them; slow ones stay. Resolves as it begins. Throws
   * ScenarioError ERR_NO_CALLERS before the lanes are open.
   */
  ramp(to: number, overMs: number): Promise<void>
}

/** `rate`: calls a second that the main lanes make together to begin with. `echo`: the address of what the control lane calls. */
export const createCalling = ({
  topology,
  options,
  callers,
  echo,
  mix,
  rate,
  steadiness,
  recorder,
  clock,
}: {
  readonly topology: Topology
  readonly options: Options
  readonly callers: Callers
  readonly echo: string
  readonly mix: Mix | undefined
  readonly rate: number
  readonly steadiness: Pick<Steadiness, 'expectBeside' | 'ramp'>
  readonly recorder: Recorder
  readonly clock: Clock
}): Calling => {
  let areLanesOpen = false
  return {
    measureCapacity: async (groups) => {
      if (areLanesOpen)
        throw new ScenarioError(
          'Refused to saturate gateways that callers depend on: measure before reachSteadyState().',
          { code: 'ERR_IN_USE' },
        )
      await measureCapacity({ callers, recorder, clock }, groups)
    },
    openLanes: async () => {
      if (areLanesOpen) return
      areLanesOpen = true
      const plans = lanePlans(topology, options, { echo, speaksHttp2: await speaksHttp2(topology, callers), mix })
      steadiness.expectBeside(callersRate(plans) - rate)
      for (const plan of plans) await callers.open(plan)
    },
    ramp: async (to, overMs) => {
      if (!areLanesOpen)
        throw new ScenarioError(
          `Refused to ramp to ${to}/s: nobody calls yet. Await callers.reachSteadyState() first.`,
          { code: 'ERR_NO_CALLERS' },
        )
      const main = mainLanes(topology, options, { echo, speaksHttp2: false })
      steadiness.ramp(to, overMs)
      await Promise.all(main.map((lane) => callers.ramp(lane.lane, { to: (to * lane.rate) / rate, overMs })))
    },
  }
}
