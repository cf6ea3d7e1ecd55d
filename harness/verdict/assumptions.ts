// What has to hold for a pass to mean anything, each with what was seen.
import type { Disturbance, Doubt } from '../analysis/analysis.ts'
import { clockErrorMs } from '../analysis/clocks.ts'
import { doubtsIn } from '../analysis/doubts.ts'
import { CERTAIN_MS } from '../analysis/machine.ts'
import { hull, meets } from '../analysis/windows.ts'
import { claimIn } from '../history/event.ts'
import { sayMs } from '../time/duration.ts'
import { type Case, lanesFor, limitMs, watchingLanes } from './case.ts'
import { evidenceSaved } from './saved-evidence.ts'
import { sayFault } from './say.ts'
import type { Assumption } from './verdict.ts'

/** Every assumption of a scenario, those that do not hold as well as those that do. */
export const assumptions = (of: Case): readonly Assumption[] => {
  const [script, ...others] = GROUPS.map((group) => grouped(of, group))
  // In the order that explains: a script that threw made no claim, and a fault that never landed disturbed nobody.
  return [...(script ? [script] : []), claimed(of), ...faultsAttested(of), ...cutOff(of), ...others, evidenceSaved(of)]
}

interface Group {
  readonly about: Doubt['about']
  readonly name: string
  /** What is said when nobody doubts it. */
  readonly holds: (of: Case) => string
  /** It speaks of the sensor and its machine, and of nothing that the deployment could be to blame for. */
  readonly isSensors?: true
  /** Doubt about it matters wherever it lies: it is not about the judged window. */
  readonly everywhere?: boolean
}

const GROUPS: readonly Group[] = [
  { about: 'script', name: 'The script ran to its end', everywhere: true, holds: () => 'It finished.' },
  {
    about: 'steady state',
    name: 'Steady state held before the first fault and after the last',
    everywhere: true,
    holds: (of) => saySteady(of),
  },
  { about: 'sending', name: 'Calls left on time', isSensors: true, holds: (of) => sayLateness(of) },
  {
    about: 'record',
    name: 'Every call is on record',
    isSensors: true,
    everywhere: true,
    holds: ({ analysis }) =>
      `${analysis.lanes.reduce((sum, lane) => sum + lane.count, 0)} calls on ${analysis.lanes.length} lanes.`,
  },
  {
    about: 'own stall',
    name: 'The generator did not stand still',
    isSensors: true,
    holds: (of) =>
      sayStill(of, 'own stall', 'Its event loop never stood still for more than 50 ms in the judged window'),
  },
  {
    about: 'control lane',
    name: 'The machine was quiet',
    isSensors: true,
    holds: (of) =>
      sayStill(
        of,
        'control lane',
        'The control lane, which passes no gateway, was answered throughout the judged window',
      ),
  },
  // Not the sensor's: it saw that nobody was answered.
  { about: 'stall', name: 'Every stall can be told', holds: () => 'None was in question.' },
  {
    about: 'resolution',
    name: 'Outages of 50 ms can be seen',
    isSensors: true,
    holds: (of) => `The floor is ${sayMs(Math.max(0, ...watchingLanes(of).map((lane) => lane.floorMs)))}.`,
  },
  {
    about: 'rotation',
    name: 'The balancers were in sight',
    isSensors: true,
    holds: () => 'Nobody lost sight of a balancer for more than 2 s.',
  },
  {
    about: 'clock',
    name: 'The clocks agree',
    isSensors: true,
    holds: ({ history }) => `Events and calls are on one axis to ${sayMs(clockErrorMs(history.events))}.`,
  },
  {
    about: 'analysis',
    name: 'The analysis ran whole',
    isSensors: true,
    everywhere: true,
    holds: () => 'No checker crashed.',
  },
]

const grouped = (of: Case, { about, name, holds, everywhere, isSensors }: Group): Assumption => {
  const all = of.analysis.doubts.filter((doubt) => doubt.about === about)
  const near = everywhere ? all : doubtsIn(all, of.window)
  const doubts = near.filter((doubt) => mayHideMore(of, doubt))
  const [first] = doubts
  const told = { name, ...(isSensors && { isSensors }) }
  if (!first) return { ...told, holds: true, because: near[0] ? sayAllowed(near[0], near.length) : holds(of) }
  const more = doubts.length > 1 ? ` And ${doubts.length - 1} more of the kind.` : ''
  const window = hull(doubts.map((doubt) => doubt.window))
  return { ...told, holds: false, because: `${first.because}${more}`, ...(window && { window }) }
}

/**
 * Whether a full outage that a doubt hides may be longer than the scenario allows: of the Dashboard's lanes where that is its own, of callers' and of
 * the Dashboard's where somebody stood still. Any other doubt hides more than outages, and so does an instrument that is gone for CERTAIN_MS.
 */
const mayHideMore = ({ demand, analysis }: Case, { lane, isStandstill, window: [from, to] }: Doubt): boolean => {
  if (lane === undefined && !isStandstill) return true
  const purpose = analysis.lanes.find((each) => each.lane === lane)?.purpose
  // Of callers a full outage is judged in any scenario, of the Dashboard where one is limited.
  const callersMs = allowedMs(demand.fullOutage ?? '0ms')
  const dashboardMs = demand.dashboardOutage === undefined ? Infinity : allowedMs(demand.dashboardOutage)
  const outageMs =
    lane === undefined ? Math.min(callersMs, dashboardMs) : purpose === 'dashboard' ? dashboardMs : callersMs
  return to - from >= CERTAIN_MS || to - from > outageMs
}

/** 0 where the limit is no length of time: its finding says so. */
const allowedMs = (limit: string | number): number => {
  try {
    return limitMs(limit)
  } catch {
    return 0
  }
}

const sayAllowed = ({ because }: Doubt, count: number): string =>
  `${because}${count > 1 ? ` And ${count - 1} more of the kind.` : ''} A full outage that is hidden in there is no longer than the scenario allows.`

/** A script that demands nothing proves nothing. */
const claimed = ({ history }: Case): Assumption => {
  const name = 'The script made a claim'
  const claim = claimIn(history.events)
  if (claim) return { name, holds: true, because: `It demands ${Object.keys(claim).join(', ') || 'the defaults'}.` }
  return {
    name,
    holds: false,
    because:
      'The script ended without expect(history).toMeet(...): nothing was demanded, so nothing can be met [ERR_NO_CLAIM].',
  }
}

const faultsAttested = ({ analysis }: Case): readonly Assumption[] =>
  analysis.faults.map((fault) => {
    const name = `${sayFault(fault)} is attested`
    if (fault.doubts.length > 0)
      return {
        name,
        holds: false,
        because: `${fault.doubts.join('; ')}.`,
        window: [fault.intendedAt, Math.max(fault.intendedAt, fault.clearedAt ?? analysis.phases.disturbed?.[1] ?? 0)],
      }
    const sources = new Set(fault.evidence.filter((each) => each.confirms).map((each) => each.source))
    return { name, holds: true, because: `In effect and clear again, says ${[...sources].join(', ')}.` }
  })

/** Only where callers stand in a zone that was cut off. */
const cutOff = (of: Case): readonly Assumption[] =>
  of.analysis.lanes.every(({ cutOffs }) => cutOffs === undefined)
    ? []
    : [
        grouped(of, {
          about: 'cut off',
          name: 'Callers who were cut off with their zone had no answer',
          holds: () =>
            'While it was in effect none of their calls was answered, and none is held against the deployment.',
        }),
      ]

const saySteady = ({ analysis }: Case): string => {
  const [from, to] = analysis.phases.steady
  return `Every check held, and callers were answered for ${sayMs(to - from)} before the first fault.`
}

/** What stood still and hid nothing is said all the same. */
const sayStill = ({ analysis, window }: Case, source: Disturbance['source'], holds: string): string =>
  (analysis.disturbances ?? []).some((each) => each.source === source && each.isSerious && meets(each.window, window))
    ? `${holds}, but for times in which callers were answered at least every 50 ms.`
    : `${holds}.`

const sayLateness = (of: Case): string => {
  const worst = Math.max(0, ...lanesFor(of, 'callers').map((lane) => lane.lateness?.p99 ?? 0))
  return `99 % of the calls left within ${sayMs(worst)} of their schedule, and none was held back.`
}
