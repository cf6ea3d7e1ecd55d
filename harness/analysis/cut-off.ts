// Callers who were cut off together with their zone: their calls say nothing of the deployment while that lasts, and are judged apart.
import { type Event, stageAt } from '../history/event.ts'
import { callersIn } from '../topology/topology.ts'
import type { CutOff, Doubt, FaultAnalysis, Window } from './analysis.ts'
import { ANSWERED, APART, type Calls, endedAt, endOf, firstAt, firstEndFrom, rangeOf, sentAt } from './calls.ts'

/** From the intent until all was clear, for each fault that hit the callers of a zone as well. */
export const cutOffWindows = (faults: readonly FaultAnalysis[], zone: string): readonly Window[] =>
  faultsOn(faults, zone).map(({ intendedAt, clearedAt, clearBounds }) => [
    intendedAt,
    clearBounds?.[1] ?? clearedAt ?? Infinity,
  ])

const faultsOn = (faults: readonly FaultAnalysis[], zone: string): readonly FaultAnalysis[] =>
  faults.filter(({ targets }) => targets.includes(callersIn(zone)))

/** What became of a lane's callers in each time that they were cut off; and from when on, at the latest, they were answered again. */
export const cutOffsOf = (calls: Calls, faults: readonly FaultAnalysis[]): readonly CutOff[] =>
  faultsOn(faults, calls.lane.header.zone).map((fault) => {
    const [window] = cutOffWindows([fault], calls.lane.header.zone)
    const [from, to] = window ?? [0, 0]
    const [first, last] = rangeOf(calls, [from, to])
    let answered = 0
    for (let i = first; i < last; i += 1) if (isAnswered(calls, i)) answered += 1
    const again = firstEndFrom(calls, last, (i) => isAnswered(calls, i))
    return {
      faultId: fault.id,
      window: [from, Math.min(to, endOf(calls))],
      calls: last - first,
      answered,
      answeredAgainMs: again === Infinity ? null : Math.max(0, again - to),
    }
  })

/** Whoever is answered while nothing passes shows that something does. */
export const cutOffDoubts = (
  calls: Calls,
  faults: readonly FaultAnalysis[],
  events: readonly Event[],
): readonly Doubt[] =>
  faultsOn(faults, calls.lane.header.zone).flatMap((fault): readonly Doubt[] => {
    const from = fault.inEffectBounds?.[1] ?? fault.inEffectAt
    const healAt = stageAt(events, fault.id, 'heal')
    if (from === null || from === undefined || healAt === null) return []
    let count = 0
    for (let i = firstAt(calls, from); i < firstAt(calls, healAt); i += 1)
      if (isAnswered(calls, i) && sentAt(calls, i) > from && endedAt(calls, i) < healAt) count += 1
    if (count === 0) return []
    const because = `${fault.kind} of ${callersIn(calls.lane.header.zone)}: ${count} calls of lane ${calls.name} were answered although nothing was to pass.`
    return [{ about: 'cut off', because, window: [from, healAt] }]
  })

/** Whatever its code is now: a call that is judged apart may have been answered. */
const isAnswered = ({ lane, code }: Calls, i: number): boolean =>
  code[i] === ANSWERED || (code[i] === APART && lane.recorded[i] === 1 && lane.errorClass[i] === 0)
