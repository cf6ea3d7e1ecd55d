// Where the run was steady, disturbed and recovered: three windows that partition it.
import { type Event, eventsOf } from '../history/event.ts'
import { AFTER_ADMISSION_MS, STEADY_HELD_MS, TAIL_MS } from '../history/periods.ts'
import type { FaultAnalysis, PhaseName, Phases, Window } from './analysis.ts'
import { type Calls, endOf } from './calls.ts'
import { clockErrorMs } from './clocks.ts'

/** [first call, last call] of the run; without calls, its events. */
export const runWindow = (lanes: readonly Calls[], events: readonly Event[]): Window => {
  if (lanes.length > 0) {
    return [
      lanes.reduce((least, calls) => Math.min(least, calls.t0), Infinity),
      lanes.reduce((most, calls) => Math.max(most, endOf(calls)), 0),
    ]
  }
  return [0, events.reduce((most, event) => Math.max(most, event.at), 0)]
}

/** The phases of a run. A fault that never cleared disturbs it to the end. */
export const phasesOf = ([from, to]: Window, faults: readonly FaultAnalysis[]): Phases => {
  if (faults.length === 0) return { steady: [from, to], disturbed: null, recovered: null }
  const intended = Math.max(from, firstIntent(faults))
  const end = Math.max(to, intended)
  const cleared = lastCleared(faults)
  if (cleared === null || cleared >= end)
    return { steady: [from, intended], disturbed: [intended, end], recovered: null }
  return { steady: [from, intended], disturbed: [intended, cleared], recovered: [cleared, end] }
}

/**
 * What percentiles are taken over: [first intent, last cleared + 10 s, or 5 s after the last node was admitted again if that is later and calls went on
 * so long], wider by what the callers' clock is not known to; to the end of the run when a fault never cleared, null without a fault. A longer
 * one would dilute what the fault did to them.
 */
export const latencyWindow = (
  phases: Phases,
  faults: readonly FaultAnalysis[],
  events: readonly Event[],
): Window | null => {
  if (!phases.disturbed) return null
  const [disturbed, to] = phases.disturbed
  const errorMs = clockErrorMs(events)
  const from = disturbed - errorMs
  const cleared = lastCleared(faults)
  if (cleared === null) return [from, to]
  const admitted = eventsOf(events, 'rotation').findLast(({ state, at }) => state === 'in' && at > cleared)
  const back = Math.min((admitted?.at ?? 0) + AFTER_ADMISSION_MS, phases.recovered?.[1] ?? 0)
  return [from, Math.max(Math.max(cleared, disturbed) + TAIL_MS, back) + errorMs]
}

/**
 * What everything else is judged over: the same, and to the end of the script, where that went on. It claims what it claims until then: gateways may read
 * their whole configuration anew long after the fault is clear.
 */
export const judgedWindow = (
  phases: Phases,
  faults: readonly FaultAnalysis[],
  events: readonly Event[],
): Window | null => {
  const window = latencyWindow(phases, faults, events)
  if (!window) return null
  const over = eventsOf(events, 'script').at(-1)?.at ?? 0
  return [window[0], Math.max(window[1], Math.min(over, phases.recovered?.[1] ?? 0))]
}

/** From the beginning of each heal to whatever is first of the next heal, the next fault and the end of what is judged: disjoint, in order. */
export const comebacksIn = (events: readonly Event[], end: number): readonly Window[] => {
  const turns = eventsOf(events, 'fault').filter(({ stage }) => stage === 'heal' || stage === 'intent')
  return turns.flatMap(({ stage, at }, i): readonly Window[] =>
    stage === 'heal' && at < end ? [[at, Math.min(turns[i + 1]?.at ?? end, end)]] : [],
  )
}

/**
 * The part of the steady phase that somebody looked at and found steady, to the first fault: from 5 s before the first look
 * that held. What came before it opened connections, warmed up code and signed in; it is not what is usual.
 */
export const settledWindow = ({ steady }: Phases, events: readonly Event[]): Window => {
  const look = eventsOf(events, 'steady').find((event) => event.ok && event.at <= steady[1])
  return look ? [Math.min(steady[1], Math.max(steady[0], look.at - STEADY_HELD_MS)), steady[1]] : steady
}

/** The phases that the run has, in order. */
export const phaseWindows = (phases: Phases): readonly (readonly [PhaseName, Window])[] =>
  (['steady', 'disturbed', 'recovered'] as const).flatMap((name) => {
    const window = phases[name]
    return window ? [[name, window] as const] : []
  })

const firstIntent = (faults: readonly FaultAnalysis[]): number =>
  faults.reduce((least, fault) => Math.min(least, fault.intendedAt), Infinity)

const lastCleared = (faults: readonly FaultAnalysis[]): number | null => {
  if (faults.some((fault) => fault.clearedAt === null)) return null
  return faults.reduce((most, fault) => Math.max(most, fault.clearedAt ?? 0), 0)
}
