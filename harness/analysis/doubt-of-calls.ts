// Doubt about the calls: whether they left when they were due, and whether all of them are on record.
import { eventsOf } from '../history/event.ts'
import { sayMs } from '../time/duration.ts'
import type { Doubt, Phases, Window } from './analysis.ts'
import { WARM_UP_MS } from './baseline.ts'
import { type Calls, endOf, everyMsAt, rangeOf, STOPPED, scheduled, UNKNOWN, UNSENT, wasSent } from './calls.ts'
import { type DoubtContext, everything } from './doubt.ts'
import { firstLine } from './doubt-of-drill.ts'
import type { AnalysedLane } from './lane.ts'
import { LATE_MS } from './marks.ts'
import { phaseWindows } from './phases.ts'

/** Traffic may end this much before the judged window does: lanes are not closed on the millisecond. */
const TAIL_SLACK_MS = 500

/** Calls have to leave on time, and none be held back but in a full outage. */
export const sending = ({ lanes, phases: all, settled, judged }: DoubtContext): readonly Doubt[] =>
  lanes
    .filter(({ calls }) => calls.lane.header.purpose !== 'direct')
    .flatMap((lane) => [...lateSending(lane.calls, { ...all, steady: settled }), ...unsent(lane, settled[0], judged)])

const lateSending = (calls: Calls, phases: Phases): readonly Doubt[] =>
  phaseWindows(phases).flatMap(([phase, window]): readonly Doubt[] => {
    const [first, last] = rangeOf(calls, [Math.max(window[0], calls.t0 + WARM_UP_MS), window[1]])
    let [sent, late] = [0, 0]
    for (let i = first; i < last; i += 1) {
      if (!wasSent(calls.code[i])) continue
      sent += 1
      if ((calls.lane.lateUs[i] ?? 0) > lateLimitMs(calls, i) * 1000) late += 1
    }
    // p99 of so few calls is the latest of them: one may be late.
    if (late <= Math.max(1, sent / 100)) return []
    const because = `Lane ${calls.name}: ${late} of ${sent} calls left more than ${sayLateLimit(calls)} after their schedule while ${phase}, expected at most 1 %. The generator was starved.`
    return [{ about: 'sending', because, window }]
  })

/**
 * A lane sees outages of three of its intervals at best: a call that leaves before the next is due takes nothing from
 * that, and its lateness is kept out of latencies call by call. From 200 calls a second on, 5 ms is the limit.
 */
const lateLimitMs = (calls: Calls, i: number): number => Math.max(everyMsAt(calls, i), LATE_MS)

const sayLateLimit = (calls: Calls): string =>
  calls.lane.header.ramps ? `an interval and ${sayMs(LATE_MS)}` : sayMs(lateLimitMs(calls, 0))

const unsent = ({ calls, gaps }: AnalysedLane, since: number, judged: Window): readonly Doubt[] => {
  if (!calls.code.includes(UNSENT)) return []
  let count = 0
  let [from, to] = [Infinity, -Infinity]
  const [first, last] = rangeOf(calls, [since, Infinity])
  for (let i = first; i < last; i += 1) {
    if (calls.code[i] !== UNSENT) continue
    const at = scheduled(calls, i)
    // A lane that is closed has calls that were not due any more.
    if (calls.lane.errorClass[i] === STOPPED && at >= judged[1] - TAIL_SLACK_MS) continue
    if (gaps.some(([start, end]) => at >= start && at <= end)) continue
    count += 1
    from = Math.min(from, at)
    to = Math.max(to, at)
  }
  if (count === 0) return []
  return [
    {
      about: 'sending',
      because: `Lane ${calls.name}: ${count} calls were not sent between ${sayMs(from)} and ${sayMs(to)}, outside of any full outage.`,
      window: [from, to],
    },
  ]
}

/** Every call that was scheduled has to be on record, to the end of what is judged. */
export const record = ({ history, lanes, judged, run }: DoubtContext): readonly Doubt[] => {
  const { events } = history
  const closed = new Map(eventsOf(events, 'lane-closed').map((event) => [event.lane, event.count]))
  const present = new Set(history.lanes.map((lane) => lane.header.lane))
  const torn = eventsOf(events, 'generator-lost').map(
    (event): Doubt => ({
      about: 'record',
      because: `The callers were lost at ${sayMs(event.at)}: ${firstLine(event.because)}.`,
      window: [event.at, Math.max(run[1], event.at)],
    }),
  )
  const missing = eventsOf(events, 'lane')
    .filter(({ header }) => !present.has(header.lane))
    .map(
      ({ header }): Doubt => ({
        about: 'record',
        because: `Lane ${header.lane} was opened and there is no record of its calls.`,
        window: everything({ run, judged }),
      }),
    )
  return [
    ...torn,
    ...missing,
    ...lanes.flatMap(({ calls }) => recordOf(calls, closed.get(calls.name), { judged, run })),
  ]
}

const recordOf = (
  calls: Calls,
  closedAt: number | undefined,
  { judged, run }: Pick<DoubtContext, 'run' | 'judged'>,
): readonly Doubt[] => {
  const doubts: Doubt[] = []
  const end = endOf(calls)
  if (closedAt === undefined)
    doubts.push({
      about: 'record',
      because: `Lane ${calls.name} was never closed: what came after ${sayMs(end)} is unknown.`,
      window: [end, Math.max(end, judged[1])],
    })
  else if (closedAt !== calls.count)
    doubts.push({
      about: 'record',
      because: `Lane ${calls.name} scheduled ${closedAt} calls and ${calls.count} are on record.`,
      window: everything({ run, judged }),
    })
  const first = calls.code.indexOf(UNKNOWN)
  if (first >= 0) {
    const window: Window = [scheduled(calls, first), scheduled(calls, calls.code.lastIndexOf(UNKNOWN))]
    const count = calls.code.reduce((sum, code) => sum + (code === UNKNOWN ? 1 : 0), 0)
    doubts.push({
      about: 'record',
      because: `Lane ${calls.name}: nobody knows how ${count} calls between ${sayMs(window[0])} and ${sayMs(window[1])} ended.`,
      window,
    })
  }
  const { purpose } = calls.lane.header
  if ((purpose === 'callers' || purpose === 'control') && end < judged[1] - TAIL_SLACK_MS) {
    doubts.push({
      about: 'record',
      because: `Lane ${calls.name} ended at ${sayMs(end)}, before the judged window did at ${sayMs(judged[1])}.`,
      window: [end, judged[1]],
    })
  }
  return doubts
}
