// For how long calls may have waited for a processor on their way: of whom they pass where the kernel told who waited, else of anybody.
import type { LanePurpose } from '../history/call.ts'
import { BEFORE_THE_PAGE, type Event, type EventOf, eventsOf, SCARCE_SHARE } from '../history/event.ts'
import { callersIn, type Role, roleOf, type Topology } from '../topology/topology.ts'
import type { Window } from './analysis.ts'
import { coveredMs, merged } from './windows.ts'

/** From this share of the time on in which somebody waited for a processor, the machine set the pace. */
const PACE_SHARE = 0.9

type Shortage = EventOf<'processors-short'>

/** What may have waited so long within a window; when, within it, nobody knows. */
export interface Wait {
  readonly window: Window
  readonly waitedMs: number
  /** So long a time that was looked at: the window may begin before that, as a wait is counted when it is over. */
  readonly lookMs: number
}

/** What calls go to: through gateways, to the Dashboard from callers, or to it from the operator's browser. */
export type Goal = 'gateways' | 'dashboard' | 'page'

/** Where somebody stands on the way of calls: passed by all of them, by those that take this one of its kind, or by none. */
type Place = 'shared' | 'in turn' | 'aside'

/** Whom calls of a kind pass. */
export type Way = (who: string) => Place

/** By its role whoever such calls do not pass. What has no role is passed, since nobody knows better. */
const ASIDE: Readonly<Record<Goal, ReadonlySet<Role | undefined>>> = {
  gateways: new Set<Role>(['control-plane', 'database', 'config-store', 'object-store']),
  dashboard: new Set<Role>(['data-plane', 'upstream']),
  page: new Set<Role>(['data-plane', 'upstream']),
}

/** What calls of a lane go to. */
export const goalOf = (purpose: LanePurpose): Goal => (purpose === 'dashboard' ? 'dashboard' : 'gateways')

/** Of these a call passes one. */
const IN_TURN: Readonly<Record<Goal, Role>> = {
  gateways: 'data-plane',
  dashboard: 'control-plane',
  page: 'control-plane',
}

/** A shorter wait makes no window longer: one who has little to do is looked at every tenth of a second. */
const LEAST_MS = 2

/** Whom calls pass that callers in a zone make, or the operator's browser: by the topology, and by whom each balancer was seen to serve. */
export const wayTo = (goal: Goal, events: readonly Event[], zone = 'outside'): Way => {
  const topology = eventsOf(events, 'run')[0]?.topology ?? null
  const served = Map.groupBy(eventsOf(events, 'rotation'), ({ balancer }) => balancer)
  const isAside = (role: Role | undefined): boolean => ASIDE[goal].has(role)
  const ownCallers = zone === 'outside' ? 'callers' : callersIn(zone)
  const places = new Map<string, Place>()
  const placeOf: Way = (who) => {
    if (who === 'echo') return 'aside'
    if (BEFORE_THE_PAGE.has(who)) return goal === 'page' ? 'shared' : 'aside'
    if (isOfCallers(who, topology)) return goal !== 'page' && who === ownCallers ? 'shared' : 'aside'
    const role = roleOf(topology, who)
    if (isAside(role)) return 'aside'
    if (role === IN_TURN[goal]) return 'in turn'
    const behind = (served.get(who) ?? []).map(({ node }) => roleOf(topology, node))
    return role === 'load-balancer' && behind.length > 0 && behind.every(isAside) ? 'aside' : 'shared'
  }
  return (who) => {
    const place = places.get(who) ?? placeOf(who)
    places.set(who, place)
    return place
  }
}

const isOfCallers = (who: string, topology: Topology | null): boolean =>
  who === 'callers' || (topology?.callerZones ?? []).some((zone) => callersIn(zone) === who)

/**
 * The waits of whom calls pass: of those who take turns the one who waited most, or `node`, where one is named. As long as anybody waited at most,
 * but for the one who was kept waiting for several looks.
 */
export const waitsOn = (way: Way, shortages: readonly Shortage[], node?: string): readonly Wait[] =>
  shortages.map((shortage): Wait => {
    const { since, at, waited } = shortage
    const lookMs = at - since
    const byAnybodyMs = mayHaveWaited(shortage) * lookMs
    if (!waited) return { window: [since, at], waitedMs: byAnybodyMs, lookMs }
    let [sharedMs, inTurnMs, from] = [0, 0, since]
    for (const [who, [ms, before]] of Object.entries(waited)) {
      const place = way(who)
      if (place === 'aside' || (place === 'in turn' && node !== undefined && node !== who)) continue
      if (place === 'shared') sharedMs += ms
      else inTurnMs = Math.max(inTurnMs, ms)
      if (ms >= LEAST_MS) from = Math.min(from, before)
    }
    // Several threads wait at once: a call no longer than anybody may have within the look, and before that no longer than that was.
    return { window: [from, at], waitedMs: Math.min(sharedMs + inTurnMs, since - from + byAnybodyMs), lookMs }
  })

/** By name, the waits of the first threads of those whom calls pass that take this node and no other of its kind. */
const firstWaitsOn = (way: Way, shortages: readonly Shortage[], node: string): readonly (readonly Wait[])[] => {
  const byName = new Map<string, Wait[]>()
  for (const { since, at, waited = {} } of shortages)
    for (const [who, [, before, firstMs = 0]] of Object.entries(waited)) {
      const place = way(who)
      if (firstMs === 0 || place === 'aside' || (place === 'in turn' && node !== who)) continue
      const waits = byName.get(who) ?? []
      const from = Math.min(since, before)
      waits.push({ window: [from, at], waitedMs: Math.min(firstMs, at - from), lookMs: at - since })
      byName.set(who, waits)
    }
  return [...byName.values()]
}

/** The same, for those who ask for one node after another. */
export interface Waiting {
  readonly waits: readonly Wait[]
  /** Whether any of it is known by name. */
  readonly isByName: boolean
  /** Where calls took this node and no other of its kind. */
  at(node: string): readonly Wait[]
  /** ms of a window for which one of them may have waited, the one who waited longest, by the threads that serve. 0 where nothing is known by name. */
  servingMs(node: string, window: Window): number
}

export const waitingOn = (way: Way, shortages: readonly Shortage[]): Waiting => ({
  waits: waitsOn(way, shortages),
  isByName: shortages.some(({ waited }) => waited !== undefined),
  at: (node) => waitsOn(way, shortages, node),
  servingMs: (node, window) =>
    Math.max(0, ...firstWaitsOn(way, shortages, node).map((waits) => atMostWaitedMs({ waits }, window))),
})

export const NOBODY_WAITED: Waiting = { waits: [], isByName: false, at: () => [], servingMs: () => 0 }

/**
 * The share of a stretch for which one process may have waited for a processor. The kernel averages over processors, by how busy each was
 * (kernel/sched/psi.c): where one is fought for all the while, and another is as busy with a process of its own, it counts half.
 */
const mayHaveWaited = ({ share, processors = 1 }: Shortage): number =>
  share * processors >= PACE_SHARE ? 1 : share * processors

/** When they may have waited for half of the time or more. Merged; each wait comes as one event or in pieces. */
export const scarceIn = (waits: readonly Wait[]): readonly Window[] =>
  merged(waits.filter(({ waitedMs, lookMs }) => waitedMs >= SCARCE_SHARE * lookMs).map(({ window }) => window))

/**
 * For how long of a window they may have waited. It is looked at every 25 ms, or later where the look itself was kept waiting: how much of
 * it was between two looks is known, and not when, so as much of a window as that may have been it.
 */
export const atMostWaitedMs = ({ waits }: { readonly waits: readonly Wait[] }, [from, to]: Window): number =>
  Math.min(
    Math.max(0, to - from),
    waits.reduce((sum, { window, waitedMs }) => sum + Math.min(waitedMs, coveredMs([window], from, to)), 0),
  )

/** When those whom calls pass may have, by a record's events; where `node` is named, calls that took it. Merged. */
export const scarceOn = (way: Way, events: readonly Event[], node?: string): readonly Window[] =>
  scarceIn(waitsOn(way, eventsOf(events, 'processors-short'), node))

/** When anybody at all on this machine may have waited for half of the time or more, whoever that was. Merged. */
export const scarceForAnybody = (events: readonly Event[]): readonly Window[] =>
  scarceIn(
    waitsOn(
      () => 'shared',
      eventsOf(events, 'processors-short').map(({ waited: _, ...shortage }) => shortage),
    ),
  )
