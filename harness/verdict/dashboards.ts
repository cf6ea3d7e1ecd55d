// Judges who answers the operator: every control-plane node does its part, or one of them stands there for nothing.
import { type Case, type Judge, limitNumber, notMeasured } from './case.ts'
import { balancersBefore } from './culprit.ts'
import { sayCount, sayList } from './say.ts'

/** So many answers a node leave nobody out by chance. */
const ANSWERS_PER_NODE = 20

/** The control-plane nodes that answered the operator's reads before anything was broken. */
export const dashboards: Judge = (of, demanded) => {
  const least = limitNumber(demanded)
  const nodes = of.analysis.nodes.filter(({ role }) => role === 'control-plane')
  const answers = nodes.reduce((sum, { answered }) => sum + answered.steady, 0)
  if (answers < ANSWERS_PER_NODE * nodes.length || nodes.length === 0)
    return notMeasured(
      'count',
      `The operator was answered ${answers} times before anything was broken: too few to say by whom.`,
    )
  const serving = nodes.filter(({ answered }) => answered.steady > 0)
  const idle = nodes.filter(({ answered }) => answered.steady === 0).map(({ node }) => node)
  const told = sayList(serving.map(({ node, answered }) => `${node} (${sayCount(answered.steady, 'answer')})`))
  const culprit = serving.length < least ? whoLeftOut(of, idle) : ''
  return {
    measured: serving.length,
    unit: 'count',
    outcome: serving.length < least ? 'fail' : 'pass',
    because: `The operator was answered by ${told}${idle.length > 0 ? `, and never by ${sayList(idle)}` : ''}.`,
    ...(culprit && { culprit }),
  }
}

/** The balancers that trusted a node and gave it nothing; else the node, which nobody could trust. */
const whoLeftOut = (of: Case, idle: readonly string[]): string => {
  const isTrusted = (name: string): boolean =>
    of.analysis.rotation.some(({ node, state }) => node === name && state === 'in')
  const balancers = balancersBefore(of, idle.filter(isTrusted))
  return [...balancers, ...idle.filter((name) => !isTrusted(name))].join(', ')
}
