// Doubt about the sensor: the machine it runs on, the balancers' sight, the clocks, and how fine it sees.
import { type EventOf, eventsOf } from '../history/event.ts'
import { ratesOf } from '../history/schedule.ts'
import { sayMs } from '../time/duration.ts'
import type { Doubt } from './analysis.ts'
import { answeredThrough } from './answered-through.ts'
import { clocksOf } from './clocks.ts'
import { type DoubtContext, everything } from './doubt.ts'
import { watchers } from './lane.ts'
import { RESOLUTION_MS } from './machine.ts'

/** A balancer may be out of sight for so long. */
const BLIND_MS = 2000

/** The machine has to have been quiet, and somebody has to have listened. */
export const machine = ({ machine: { disturbances }, lanes, run, judged }: DoubtContext): readonly Doubt[] => {
  const hidNothing = answeredThrough(lanes)
  const serious = disturbances
    .filter((each) => each.isSerious && !(each.isStandstill && hidNothing(each.window)))
    .map(
      (each): Doubt => ({
        about: each.source,
        because: `${each.because.charAt(0).toUpperCase()}${each.because.slice(1)}: what the deployment did meanwhile is not known for certain.`,
        window: each.window,
        ...(each.isStandstill && { isStandstill: true }),
      }),
    )
  const controls = lanes.filter(({ calls }) => calls.lane.header.purpose === 'control')
  if (controls.length === 0)
    return [
      ...serious,
      {
        about: 'control lane',
        because: 'There was no control lane: nobody can tell the machine from the deployment.',
        window: everything({ run, judged }),
      },
    ]
  const busiest = Math.max(
    0,
    ...lanes
      .filter(({ calls }) => calls.lane.header.purpose === 'callers')
      .map(({ calls }) => ratesOf(calls.lane.header).highest),
  )
  const tooThin = controls.every(({ calls }) => ratesOf(calls.lane.header).highest < busiest)
  return tooThin
    ? [
        ...serious,
        {
          about: 'control lane',
          because: `The control lane ran at less than the busiest lane's ${busiest} calls/s.`,
          window: everything({ run, judged }),
        },
      ]
    : serious
}

/** Gaps that may be the deployment's or the machine's hide what they were. */
export const ownDoubts = ({ lanes }: DoubtContext): readonly Doubt[] =>
  [...watchers(lanes), ...lanes.filter(({ calls }) => calls.lane.header.purpose === 'dashboard')].flatMap(
    ({ doubts }) => doubts,
  )

/** The balancers have to have been in sight. */
export const rotation = ({ history, judged, faults }: DoubtContext): readonly Doubt[] => {
  const { events } = history
  const blind = eventsOf(events, 'rotation-blind')
    .filter(({ since, at }) => Math.min(at, judged[1]) - Math.max(since, judged[0]) > BLIND_MS)
    .map(
      ({ since, at, balancer, because }): Doubt => ({
        about: 'rotation',
        because: `Nobody could look at ${balancer} for ${sayMs(at - since)} from ${sayMs(since)}: ${because}.`,
        window: [since, at],
      }),
    )
  if (faults.length === 0 || eventsOf(events, 'rotation').length > 0) return blind
  return [...blind, { about: 'rotation', because: 'Nobody looked at any balancer.', window: judged }]
}

/** Events and calls have to be on one axis. */
export const clock = ({ history: { events }, run, judged }: DoubtContext): readonly Doubt[] => {
  const clocks = clocksOf(events)
  if (clocks.length === 0)
    return [
      { about: 'clock', because: 'Nobody compared the callers’ clock with ours.', window: everything({ run, judged }) },
    ]
  return clocks.flatMap(([first, ...later]): readonly Doubt[] => {
    const because = `The callers’ clock is known to ${sayMs(first.errorMs)} only, expected ${RESOLUTION_MS} ms or better.`
    const imprecise = first.errorMs > RESOLUTION_MS
    return [
      ...(imprecise ? [{ about: 'clock', because, window: everything({ run, judged }) } as const] : []),
      ...later.flatMap((each) => moved(first, each)),
    ]
  })
}

type Compared = EventOf<'clock'>

/** A machine that is suspended sees nothing and knows nothing of it: only another clock tells. */
const moved = (first: Compared, later: Compared): readonly Doubt[] => {
  const byMs = Math.abs(later.offsetMs - first.offsetMs)
  if (byMs <= RESOLUTION_MS + first.errorMs + later.errorMs) return []
  return [
    {
      about: 'clock',
      because: `The callers’ clock moved by ${sayMs(byMs)} against ours between ${sayMs(first.at)} and ${sayMs(later.at)}, expected ${RESOLUTION_MS} ms at most: one of the two stood still or was set, and nobody knows what happened meanwhile.`,
      window: [first.at, later.at],
    },
  ]
}

/** Caller lanes have to see outages of 50 ms. */
export const resolution = ({ lanes, run, judged }: DoubtContext): readonly Doubt[] => {
  if (!lanes.some(({ calls }) => calls.lane.header.purpose === 'callers'))
    return [
      {
        about: 'resolution',
        because: 'There was no caller lane, so no outage can be seen.',
        window: everything({ run, judged }),
      },
    ]
  return watchers(lanes)
    .filter(({ baseline }) => baseline.floorMs > RESOLUTION_MS)
    .map(
      ({ calls, baseline }): Doubt => ({
        about: 'resolution',
        because: `Lane ${calls.name} cannot see outages shorter than ${sayMs(baseline.floorMs)}, expected ${RESOLUTION_MS} ms or better: its rate is too low, or its steady state had gaps as long.`,
        window: everything({ run, judged }),
      }),
    )
}
