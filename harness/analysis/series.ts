// The timeline: what became of calls in steps of 100 ms, by the instant they were scheduled at.
import { ratesOf } from '../history/schedule.ts'
import type { Series, Window } from './analysis.ts'
import { ANSWERED, type Calls, firstAt, REFUSED, UNANSWERED, UNSENT, WRONG } from './calls.ts'

/** Width of a step. */
export const STEP_MS = 100

/** [from, number of steps] of a window: steps begin at whole tenths of a second, so that every lane has the same. */
export const stepsOf = ([from, to]: Window): readonly [from: number, steps: number] => {
  const start = Math.floor(from / STEP_MS) * STEP_MS
  return [start, Number.isFinite(to) ? Math.max(0, Math.ceil((to - start) / STEP_MS)) : 0]
}

/** Exact percentiles of each step: calls lie in order of schedule, so a step is one slice of the columns. */
export const seriesOf = (calls: Calls, window: Window): Series => {
  const [from, steps] = stepsOf(window)
  const counts = Array.from({ length: 6 }, () => new Array<number>(steps).fill(0))
  const p50 = new Array<number | null>(steps).fill(null)
  const p99 = new Array<number | null>(steps).fill(null)
  const max = new Array<number | null>(steps).fill(null)
  const took = new Uint32Array(Math.ceil((STEP_MS * ratesOf(calls.lane.header).highest) / 1000) + 2)
  let first = firstAt(calls, from)
  for (let step = 0; step < steps; step += 1) {
    const last = firstAt(calls, from + (step + 1) * STEP_MS)
    let answered = 0
    for (let i = first; i < last; i += 1) {
      const column = counts[calls.code[i] ?? 5]
      if (column) column[step] = (column[step] ?? 0) + 1
      if (calls.code[i] === ANSWERED) took[answered++] = calls.lane.latencyUs[i] ?? 0
    }
    if (answered > 0) {
      const sorted = took.subarray(0, answered).sort()
      p50[step] = rank(sorted, 0.5)
      p99[step] = rank(sorted, 0.99)
      max[step] = rank(sorted, 1)
    }
    first = last
  }
  const count = (code: number): readonly number[] => counts[code] ?? []
  return {
    from,
    stepMs: STEP_MS,
    answered: count(ANSWERED),
    wrong: count(WRONG),
    refused: count(REFUSED),
    unanswered: count(UNANSWERED),
    unsent: count(UNSENT),
    p50,
    p99,
    max,
  }
}

/** The nearest rank, in ms. */
const rank = (sorted: Uint32Array, share: number): number =>
  (sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0) / 1000
