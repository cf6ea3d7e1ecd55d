// How much of each phase somebody waited for a processor, by name where that is known, and on which calls' way.
import { type Event, eventsOf } from '../history/event.ts'
import { nodesOf } from '../topology/topology.ts'
import type { Phases, WaitingShare, Window } from './analysis.ts'
import { phaseWindows } from './phases.ts'
import { type Goal, scarceForAnybody, scarceOn, wayTo } from './waiting.ts'
import { coveredMs } from './windows.ts'

const GOALS: Readonly<Record<Goal, string>> = {
  gateways: 'calls to gateways',
  dashboard: 'calls to the Dashboard',
  page: 'the page',
}

/**
 * First whose calls were concerned: for what share of a phase processors were short for somebody whom they pass, and for anybody at all. Then
 * who waited, most of all first: its threads' waits added up, of a look never more than the look is long. Empty where nobody waited.
 */
export const waitingShares = (events: readonly Event[], phases: Phases): readonly WaitingShare[] => {
  const anybody = scarceForAnybody(events)
  const isByName = eventsOf(events, 'processors-short').some(({ waited }) => waited !== undefined)
  const windows = phaseWindows(phases)
  const over = (msIn: (window: Window) => number): WaitingShare['shares'] =>
    Object.fromEntries(windows.map(([phase, [from, to]]) => [phase, msIn([from, to]) / Math.max(1, to - from)]))
  const covered = (scarce: readonly Window[]) => over(([from, to]) => coveredMs(scarce, from, to))
  if (anybody.length === 0 && !isByName) return []
  const ways = (Object.keys(GOALS) as readonly Goal[]).map(
    (goal): WaitingShare => ({
      of: GOALS[goal],
      kind: 'calls',
      shares: covered(scarceOn(wayTo(goal, events), events)),
    }),
  )
  const toGateways = wayTo('gateways', events)
  const answered = nodesIn(events).map(
    (node): WaitingShare => ({
      of: `those that ${node} answered`,
      kind: 'calls',
      shares: covered(scarceOn(toGateways, events, node)),
    }),
  )
  const [gateways, ...others] = ways
  const concerned = isByName && gateways ? [gateways, ...answered, ...others] : []
  const names = [...waitedByName(events)].map(
    ([name, waits]): WaitingShare => ({ of: name, kind: 'name', shares: over((window) => waitedMs(waits, window)) }),
  )
  return [
    ...concerned,
    { of: 'anybody', kind: 'calls', shares: covered(anybody) },
    ...names.sort((a, b) => most(b) - most(a) || a.of.localeCompare(b.of)),
  ]
}

const nodesIn = (events: readonly Event[]): readonly string[] => {
  const topology = eventsOf(events, 'run')[0]?.topology
  return topology ? nodesOf(topology, 'data-plane').map(({ name }) => name) : []
}

interface NamedWait {
  readonly at: number
  readonly ms: number
}

const waitedByName = (events: readonly Event[]): ReadonlyMap<string, readonly NamedWait[]> => {
  const byName = new Map<string, NamedWait[]>()
  for (const { at, since, waited = {} } of eventsOf(events, 'processors-short'))
    for (const [name, [ms, from]] of Object.entries(waited)) {
      const waits = byName.get(name) ?? []
      // A wait is counted when it is over: one of many looks is as long as it was.
      waits.push({ at, ms: Math.min(ms, at - Math.min(since, from)) })
      byName.set(name, waits)
    }
  return byName
}

const waitedMs = (waits: readonly NamedWait[], [from, to]: Window): number =>
  Math.min(
    to - from,
    waits.reduce((sum, { at, ms }) => (at > from && at <= to ? sum + ms : sum), 0),
  )

const most = ({ shares }: WaitingShare): number =>
  Math.max(...(Object.values(shares) as readonly (number | undefined)[]).map((share) => share ?? 0), 0)
