// Judges how the load was spread: how many nodes carried it while disturbed, and how evenly after.
import type { NodeAnalysis, Window } from '../analysis/analysis.ts'
import { STEP_MS } from '../analysis/series.ts'
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
  if (nodes.every(({ answered }) => answered.steady === 0))
    return notMeasured(
      'count',
      'No answer of the steady phase named a gateway by its header x-firedrill-node: nobody can tell who survived.',
    )
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
  const because = `In the second from ${sayWhen(of, worst.from)}, ${worst.alive.length} of ${nodes.length} gateways answered callers: ${sayList(worst.alive.map((node) => node.node))}.`
  return {
    measured: worst.alive.length,
    unit: 'count',
    outcome: isTooFew ? 'fail' : 'pass',
    because,
    at: worst.from,
    ...(culprit !== undefined && { culprit }),
  }
}

/**
 * How far the busiest gateway is above the fair share, or the idlest below it, as a factor; of the calls that a balancer chose a node for,
 * after recovery and since every gateway was in rotation again.
 */
export const imbalance: Judge = (of, demanded) => {
  const limit = multipleOf(demanded) ?? limitNumber(demanded)
  const inOrder = gateways(of).toSorted((a, b) => a.placed - b.placed)
  const [idlest] = inOrder
  const busiest = inOrder.at(-1)
  const total = inOrder.reduce((sum, node) => sum + node.placed, 0)
  // A hundred calls a node: fewer are uneven by chance.
  if (!idlest || !busiest || total < 100 * inOrder.length)
    return notMeasured(
      'ratio',
      `A balancer placed ${total} answered calls since every gateway was in rotation again: too few to say how evenly.`,
    )
  const fair = total / inOrder.length
  const [above, below] = [busiest.placed / fair, fair / Math.max(1, idlest.placed)]
  // Where one gets too much, the others cannot but get too little.
  const [node, measured] = above > limit || above >= below ? [busiest, above] : [idlest, below]
  const isOver = measured > limit
  return {
    measured,
    unit: 'ratio',
    outcome: isOver ? 'fail' : 'pass',
    because: `Since every gateway was in rotation again ${node.node} answered ${node.placed} of ${total} calls, ${(node.placed / fair).toFixed(2)} times its fair share.`,
    ...(isOver && { culprit: node.node }),
  }
}

const gateways = ({ analysis }: Case): readonly NodeAnalysis[] =>
  analysis.nodes.filter((node) => node.role === 'data-plane')

/** Every second of a window, a step of the timeline apart: of seconds end to end, none would see a node that is away for 1.9 s across two. */
const secondsOf = ([from, to]: Window): readonly number[] => {
  const first = Math.ceil(from / STEP_MS) * STEP_MS
  const count = Math.floor((to - SECOND_MS - first) / STEP_MS) + 1
  return Array.from({ length: Math.max(0, count) }, (_, i) => first + i * STEP_MS)
}

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
