// What a gateway said when it was called past its balancer: whether the node was gone, or merely not called.
import type { LaneAnalysis, Series, Window } from '../analysis/analysis.ts'
import { type Case, lanesFor } from './case.ts'
import { sayCount, sayList } from './say.ts'

/** Calls straight to one node in a window, to the tenth of a second. */
interface Direct {
  readonly node: string
  readonly answered: number
  readonly of: number
}

/** Whether a node answered all that it was asked past its balancer in a window; false where nobody asked it. */
export const answersDirectly = (of: Case, node: string, window: Window): boolean =>
  calledDirectly(of, [node], window).some((each) => each.answered === each.of)

/** When a node first answered past its balancer, at `since` or later; null where it did not, or nobody asked it. */
export const firstDirectAnswer = (of: Case, node: string, since: number): number | null => {
  const series = laneTo(of, node)?.series
  if (!series) return null
  const step = series.answered.findIndex((count, i) => count > 0 && series.from + i * series.stepMs >= since)
  return step < 0 ? null : series.from + step * series.stepMs
}

/** ' Called directly meanwhile, data-plane-1 answered 0 of 12 calls.' Empty where nobody called these nodes so. */
export const sayDirect = (of: Case, nodes: readonly string[], window: Window): string => {
  const said = calledDirectly(of, nodes, window).map(
    ({ node, answered, of: all }) => `${node} answered ${answered} of ${sayCount(all, 'call')}`,
  )
  return said.length === 0 ? '' : ` Called directly meanwhile, ${sayList(said)}.`
}

const calledDirectly = (of: Case, nodes: readonly string[], [from, to]: Window): readonly Direct[] =>
  nodes.flatMap((node) => {
    const series = laneTo(of, node)?.series
    if (!series) return []
    const [first, last] = [from, to].map((at) => Math.floor((at - series.from) / series.stepMs))
    const sum = (counts: readonly number[]): number =>
      counts.slice(Math.max(0, first ?? 0), Math.max(0, (last ?? 0) + 1)).reduce((all, count) => all + count, 0)
    const answered = sum(series.answered)
    const all = answered + lostOf(series).reduce((total, counts) => total + sum(counts), 0)
    return all === 0 ? [] : [{ node, answered, of: all }]
  })

const lostOf = ({ wrong, refused, unanswered }: Series): readonly (readonly number[])[] => [wrong, refused, unanswered]

const laneTo = (of: Case, node: string): LaneAnalysis | undefined =>
  lanesFor(of, 'direct').find((lane) => lane.node === node)
