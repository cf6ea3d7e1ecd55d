// A history of callers with the outages that were made written into it, as the faults that a drill would have injected.
import { analyse } from '../analysis/analyse.ts'
import type { Analysis } from '../analysis/analysis.ts'
import type { Event, FaultKind } from '../history/event.ts'
import type { History } from '../history/history.ts'
import type { Truth, TruthKind } from './truth.ts'

/** What a drill calls it. Nothing of ours makes a server answer 503; what is nearest to it answers everybody with a no. */
const FAULT_OF: Readonly<Record<TruthKind, FaultKind>> = {
  stall: 'pause',
  kill: 'kill',
  wrong: 'reject',
  'black-hole': 'isolate',
}

/** The same calls, with a steady look before the first outage and each outage as a fault; and what analysis makes of it. */
export const analysedWith = (
  callers: History,
  truths: readonly Truth[],
): { readonly history: History; readonly analysis: Analysis } => {
  const first = truths[0]?.from[0]
  const steady: readonly Event[] = first === undefined ? [] : [{ kind: 'steady', at: first - 1, ok: true, checks: [] }]
  const events = [...callers.events, ...steady, ...truths.flatMap(asFault)].sort((a, b) => a.at - b.at)
  const history = { ...callers, events }
  return { history, analysis: analyse(history) }
}

const asFault = ({ kind, from, to }: Truth, i: number): readonly Event[] => {
  const of = { kind: 'fault', id: `truth-${i}`, fault: FAULT_OF[kind], targets: ['server'] } as const
  return [
    { ...of, at: from[0], stage: 'intent' },
    { ...of, at: from[1], stage: 'in-effect', bounds: from, evidence: [] },
    { ...of, at: to[0], stage: 'heal' },
    { ...of, at: to[1], stage: 'healed' },
    { ...of, at: to[1], stage: 'clear', bounds: to, evidence: [] },
  ]
}
