// Judges what callers lost while something came back: whatever its loss had cost, having it again may cost nothing.
import type { LaneAnalysis, Window } from '../analysis/analysis.ts'
import { mostHit } from '../analysis/attribution.ts'
import { meets } from '../analysis/windows.ts'
import { eventsOf } from '../history/event.ts'
import { atMost, type Case, type Judge, lanesFor, limitNumber, notMeasured } from './case.ts'
import { sayCount, sayList, sayWhen } from './say.ts'

/** Calls lost between the beginning of a heal and the next fault, or the end of the judged window, to the tenth of a second. */
export const lostOnReturn: Judge = (of, demanded) => {
  const limit = limitNumber(demanded)
  const returns = returnsIn(of)
  const lanes = lanesFor(of, 'callers')
  if (returns.length === 0 || lanes.length === 0)
    return notMeasured('calls', 'Nothing was healed under callers’ eyes, so nobody could lose anything by its return.')
  const steps = lanes.flatMap((lane) => lostSteps(lane, returns))
  const lost = steps.reduce((sum, step) => sum + step.lost, 0)
  const [first] = steps.toSorted((a, b) => a.at - b.at)
  if (!first) return { measured: 0, unit: 'calls', outcome: 'pass', because: 'No call was lost from the heal on.' }
  const certain = steps.filter((step) => !isDisturbed(of, step)).reduce((sum, step) => sum + step.lost, 0)
  const nodes = mostHit(lostByNode(of, returns))
  const outcome = atMost(lost, certain, limit)
  const joined = nodes.length > 0 ? `; they join to ${sayList(nodes)}` : ''
  return {
    measured: lost,
    unit: 'calls',
    outcome,
    because: `${sayCount(lost, 'call')} ${lost === 1 ? 'was' : 'were'} lost from the heal on, the first at ${sayWhen(of, first.at)}${joined}.`,
    at: first.at,
    ...(outcome === 'fail' && nodes.length > 0 && { culprit: nodes.join(', ') }),
  }
}

interface Step {
  readonly at: number
  readonly until: number
  readonly lost: number
}

/** From each heal's beginning to the next intent. */
const returnsIn = ({ history, window }: Case): readonly Window[] => {
  const faults = eventsOf(history.events, 'fault')
  return faults
    .filter(({ stage }) => stage === 'heal')
    .map(({ at }) => [at, faults.find((next) => next.stage === 'intent' && next.at > at)?.at ?? window[1]])
}

const lostSteps = ({ series }: LaneAnalysis, returns: readonly Window[]): readonly Step[] =>
  series.answered.flatMap((_, i) => {
    const at = series.from + i * series.stepMs
    const lost = (series.wrong[i] ?? 0) + (series.refused[i] ?? 0) + (series.unanswered[i] ?? 0)
    return lost > 0 && isIn(returns, at) ? [{ at, until: at + series.stepMs, lost }] : []
  })

const isIn = (windows: readonly Window[], at: number): boolean => windows.some(([from, to]) => at >= from && at < to)

const isDisturbed = ({ analysis }: Case, { at, until }: Step): boolean =>
  (analysis.disturbances ?? []).some(({ window }) => meets(window, [at, until]))

const lostByNode = ({ analysis }: Case, returns: readonly Window[]): Readonly<Record<string, number>> =>
  Object.fromEntries(
    analysis.nodes
      .filter(({ role }) => role === 'data-plane')
      .map(({ node, series: { from, stepMs, lost } }) => [
        node,
        lost.reduce((sum, count, i) => sum + (isIn(returns, from + i * stepMs) ? count : 0), 0),
      ]),
  )
