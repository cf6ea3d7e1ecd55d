// Doubt about the drill: whether its script ran, the deployment was steady, and its faults happened.
import { eventsOf } from '../history/event.ts'
import { beginsAt } from '../history/schedule.ts'
import { sayMs } from '../time/duration.ts'
import type { Doubt } from './analysis.ts'
import { ANSWERED, firstAt, rangeOf, wasSent } from './calls.ts'
import { cutOffDoubts } from './cut-off.ts'
import { type DoubtContext, everything } from './doubt.ts'

/** Steady state has to be seen for so long. */
const STEADY_MS = 3000
/** And this share of its calls answered. */
const STEADY_SHARE = 0.999

const ENDED = { threw: 'threw', 'timed-out': 'timed out', interrupted: 'was interrupted' } as const

/** The script has to have ended by itself. One that was interrupted goes on, and what it comes to then is no end of the drill's. */
export const script = ({ history, run }: DoubtContext): readonly Doubt[] => {
  const [end] = eventsOf(history.events, 'script')
  if (end?.outcome === 'finished') return []
  const because = end
    ? `The script ${ENDED[end.outcome]} at ${sayMs(end.at)}${end.because ? `: ${firstLine(end.because)}` : ''}.`
    : 'Nobody wrote down how the script ended: the harness was killed, or the history is torn.'
  return [{ about: 'script', because, window: [0, Math.max(run[1], end?.at ?? 0)] }]
}

/** An error's message may carry its stack; the sentence is its first line. */
export const firstLine = (text: string): string => (text.split('\n')[0] ?? text).replace(/\.$/, '')

/** Somebody has to have seen the steady state, before the first fault and after the last. */
export const steadyLooks = ({ history, faults, phases, run }: DoubtContext): readonly Doubt[] => {
  const looks = eventsOf(history.events, 'steady')
  const firstIntent = faults[0]?.intendedAt ?? Infinity
  const before = looks.filter((look) => look.at <= firstIntent).at(-1)
  const doubts: Doubt[] = []
  if (!before?.ok) {
    const why = before ? failing(before) : 'nobody looked'
    doubts.push({
      about: 'steady state',
      because: `Steady state was not seen before the first fault: ${why}.`,
      window: phases.steady,
    })
  }
  const cleared = faults.reduce((most, fault) => Math.max(most, fault.clearedAt ?? Infinity), 0)
  const finished = eventsOf(history.events, 'script')[0]?.outcome === 'finished'
  if (faults.length === 0 || !finished || !Number.isFinite(cleared)) return doubts
  const after = looks.filter((look) => look.at >= cleared).at(-1)
  if (after?.ok) return doubts
  const why = after ? failing(after) : 'nobody looked'
  return [
    ...doubts,
    {
      about: 'steady state',
      because: `Steady state was not seen again after the last fault: ${why}.`,
      window: [cleared, Math.max(cleared, run[1])],
    },
  ]
}

const failing = (look: {
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly because: string }[]
}): string =>
  look.checks
    .filter((check) => !check.ok)
    .map((check) => `'${check.name}' did not hold (${check.because})`)
    .join('; ') || 'the look did not succeed'

/** Callers have to have been answered in it. */
export const steadyCalls = ({ lanes, settled, run, judged }: DoubtContext): readonly Doubt[] => {
  const callers = lanes.filter(({ calls }) => calls.lane.header.purpose === 'callers')
  if (callers.length === 0)
    return [
      {
        about: 'steady state',
        because: 'There was no caller lane: nobody called the deployment.',
        window: everything({ run, judged }),
      },
    ]
  return callers.flatMap(({ calls, settled: untouched }): readonly Doubt[] => {
    const [first, due] = rangeOf(calls, settled)
    const doubt = (because: string): Doubt => ({
      about: 'steady state',
      because: `Lane ${calls.name} ${because}.`,
      window: settled,
    })
    const lasted = beginsAt(calls.lane.header, due) - beginsAt(calls.lane.header, first)
    // One interval less: the call that is due when the window ends is not in it.
    if (lasted < STEADY_MS - calls.everyMs)
      return [
        doubt(`had ${sayMs(lasted)} of steady state before the first fault, expected at least ${sayMs(STEADY_MS)}`),
      ]
    const last = firstAt(calls, untouched[1])
    let [sent, answered] = [0, 0]
    for (let i = first; i < last; i += 1) {
      if (calls.code[i] === ANSWERED) answered += 1
      if (wasSent(calls.code[i])) sent += 1
    }
    if (answered < STEADY_SHARE * (last - first))
      return [
        doubt(
          `was answered ${answered} times in steady state, where ${last - first} calls were due and ${sent} were sent; expected ${STEADY_SHARE * 100} %`,
        ),
      ]
    return []
  })
}

/** Every fault has to be proven, and callers who were cut off by one must not have been answered. */
export const faultsAttested = ({ faults, run, lanes, history }: DoubtContext): readonly Doubt[] => [
  ...lanes.flatMap(({ calls }) => cutOffDoubts(calls, faults, history.events)),
  ...faults.flatMap((fault) =>
    fault.doubts.map(
      (why): Doubt => ({
        about: 'fault',
        because: `${fault.kind} of ${fault.targets.join(', ')}: ${why}.`,
        window: [fault.intendedAt, Math.max(fault.intendedAt, fault.clearedAt ?? run[1])],
      }),
    ),
  ),
]
