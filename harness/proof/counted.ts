// Failed calls of a lane, counted by the analysis and by the server that did not answer them.
import type { Analysis } from '../analysis/analysis.ts'
import { ERROR_CLASSES, outcomeOf } from '../history/call.ts'
import type { History } from '../history/history.ts'
import type { Journalled } from './served-truth.ts'

/** Two counts of the same calls. */
export interface Counted {
  /** wrong, refused or unanswered, by the analysis. */
  readonly said: number
  /** Sent, and given no 200 by the server's own journal. */
  readonly known: number
  /** Calls of which the two say something else. */
  readonly contradicted: number
  /** The last of a killed server's journal: nobody knows whether the answer left, so they are in neither count. */
  readonly inTheAct: number
}

/** Compares them call by call. The server knows what it was asked by the call's own id. */
export const countedBy = (
  lane: string,
  { history, analysis, journal }: { history: History; analysis: Analysis; journal: readonly Journalled[] },
): Counted => {
  const calls = history.lanes.find(({ header }) => header.lane === lane)
  if (!calls) throw new RangeError(`There is no record of lane ${lane}.`)
  const given = new Map(journal.map((each) => [each.id, each]))
  let [known, contradicted, inTheAct, answeredInTheAct] = [0, 0, 0, 0]
  for (let i = 0; i < calls.count; i += 1) {
    const outcome = outcomeOf(ERROR_CLASSES[calls.errorClass[i] ?? 0] ?? 'other')
    if (outcome === 'unsent') continue
    const one = given.get(`${calls.header.requestIdPrefix}${i}`)
    if (one?.isLast) {
      inTheAct += 1
      if (outcome === 'answered') answeredInTheAct += 1
      continue
    }
    const wasAnswered = one?.status === 200
    if (!wasAnswered) known += 1
    if (wasAnswered !== (outcome === 'answered')) contradicted += 1
  }
  return { said: failedBy(analysis, lane) - (inTheAct - answeredInTheAct), known, contradicted, inTheAct }
}

/** Calls of a lane that failed, by the analysis' own counts. */
export const failedBy = ({ lanes }: Analysis, lane: string): number =>
  (lanes.find((each) => each.lane === lane)?.phases ?? []).reduce(
    (sum, { counts }) => sum + counts.wrong + counts.refused + counts.unanswered,
    0,
  )
