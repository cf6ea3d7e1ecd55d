// What the sensor has to say about itself: every look for doubt that must find none before a pass means anything.
import type { Doubt, Window } from './analysis.ts'
import type { DoubtSearch } from './doubt.ts'
import { record, sending } from './doubt-of-calls.ts'
import { faultsAttested, script, steadyCalls, steadyLooks } from './doubt-of-drill.ts'
import { clock, machine, ownDoubts, resolution, rotation } from './doubt-of-sensor.ts'
import { meets } from './windows.ts'

/** Every look for doubt, in the order a verdict lists them. */
export const DOUBT_SEARCHES: readonly DoubtSearch[] = [
  { name: 'script', search: script },
  { name: 'steady state', search: steadyLooks },
  { name: 'steady calls', search: steadyCalls },
  { name: 'faults', search: faultsAttested },
  { name: 'sending', search: sending },
  { name: 'record', search: record },
  { name: 'machine', search: machine },
  { name: 'gaps of the machine', search: ownDoubts },
  { name: 'rotation', search: rotation },
  { name: 'clock', search: clock },
  { name: 'resolution', search: resolution },
]

/** Doubt that concerns a window: what lies outside of it says nothing about what was judged. */
export const doubtsIn = (doubts: readonly Doubt[], window: Window): readonly Doubt[] =>
  doubts.filter((doubt) => meets(doubt.window, window))
