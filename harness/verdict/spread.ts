// Judges how the load was spread: how many nodes carried it while disturbed, and how evenly after.
import type { NodeAnalysis, Window } from '../analysis/analysis.ts'
import { type Case, type Judge, lanesFor, limitNumber, multipleOf, notMeasured } from './case.ts'
import { culpritOfAbsence } from './culprit.ts'
import { sayList, sayWhen } from './say.ts'

const SECOND_MS = 1000

/** So many calls a node and second leave nobody out by chance. */
const CALLS_PER_NODE = 10

/** The least data-plane nodes that answered callers in any second of the disturbed phase. */
export const survivors: Judge = (of, demanded) => {
  const least = limitNumber(demanded)
  const nodes = gateways(of)
  const { disturbed } = of.analysis.phases
  if (!disturbed || nodes.length === 0)
    return notMeasured('count', 'Nothing was disturbed, or no gateway is known: nobody had anything to survive.')
  // A second in which hardly anybody called says nothing about who would have answered.
  const seconds = secondsOf(disturbed)
    .filter((from) => sentIn(of, from) >= CALLS_PER_NODE * nodes.length)
    .map((from) => ({ from, alive: nodes.filter((node) => answeredIn(node, [from, from + SECOND_MS]) > 0) }))
  const [worst] = seconds.sort((a, b) => a.alive.length - b.alive.length || a.from - b.from)
  if (!worst)
    return notMeasured(
      'count',
      'The disturbed phase was too short, or too few calls were sent in it, to count survivors in.',
    )
  const isTooFew = worst.alive.length < least
  const absent = nodes.filter((node) => !worst.alive.includes(node)).map(({ node }) => node)
  const culprit = isTooFew ? culpritOfAbsence(of, absent, [worst.from, worst.from + SECOND_MS]) : undefined
  const because = `In the second from ${sayWhen(of, worst.from)} ${worst.alive.length} of ${nodes.length} gateways answered callers: ${sayList(worst.alive.map((node) => node.node))}.`
  return {
    measured: worst.alive.length,
    unit: 'count',
    outcome: isTooFew ? 'fail' : 'pass',
    because,
    at: worst.from,
    ...(culprit !== undefined && { culprit }),
  }
}

/** The busiest gateway's share over the fair share, in the recovered phase, of the calls that a balancer chose a node for. */
export const imbalance: Judge = (of, demanded) => {
  const limit = multipleOf(demanded) ?? limitNumber(demanded)
  const nodes = gateways(of)
  const total = nodes.reduce((sum, node) => sum + node.placed.recovered, 0)
  // A hundred calls a node: fewer are uneven by chance.
  if (nodes.length === 0 || total < 100 * nodes.length)
    return notMeasured('ratio', `A balancer placed ${total} answered calls after recovery: too few to say how evenly.`)
  const [busiest] = nodes.toSorted((a, b) => b.placed.recovered - a.placed.recovered)
  const measured = ((busiest?.placed.recovered ?? 0) * nodes.length) / total
  const isOver = measured > limit
  return {
    measured,
    unit: 'ratio',
    outcome: isOver ? 'fail' : 'pass',
    because: `After recovery ${busiest?.node} answered ${busiest?.placed.recovered} of ${total} calls, ${measured.toFixed(2)} times its fair share.`,
    ...(isOver && busiest && { culprit: busiest.node }),
  }
}

const gateways = ({ analysis }: Case): readonly NodeAnalysis[] =>
  analysis.nodes.filter((node) => node.role === 'data-plane')

const secondsOf = ([from, to]: Window): readonly number[] =>
  Array.from({ length: Math.max(0, Math.floor((to - from) / SECOND_MS)) }, (_, i) => from + i * SECOND_MS)

const sentIn = (of: Case, from: number): number =>
  lanesFor(of, 'callers').reduce((sum, { series: { from: start, stepMs, answered, wrong, refused, unanswered } }) => {
    const [first, last] = [Math.floor((from - start) / stepMs), Math.ceil((from + SECOND_MS - start) / stepMs)]
    return sum + [answered, wrong, refused, unanswered].reduce((all, counts) => all + totalOf(counts, first, last), 0)
  }, 0)

const totalOf = (counts: readonly number[], first: number, last: number): number =>
  counts.slice(Math.max(0, first), Math.max(0, last)).reduce((sum, count) => sum + count, 0)

const answeredIn = ({ series }: NodeAnalysis, [from, to]: Window): number =>
  totalOf(
    series.answered,
    Math.floor((from - series.from) / series.stepMs),
    Math.ceil((to - series.from) / series.stepMs),
  )
