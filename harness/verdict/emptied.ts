// A rotation that is empty: how soon it was where a scenario says so beforehand, and whose doing it is where nobody was broken.
import type { RotationSpan } from '../analysis/analysis.ts'
import { eventsOf } from '../history/event.ts'
import { sayMs } from '../time/duration.ts'
import { nodesOf } from '../topology/topology.ts'
import { type Case, faultsOn, type Judge, limitMs, notMeasured } from './case.ts'
import { sayFault, sayList } from './say.ts'

/** In effect → the callers' balancer trusts no gateway any more: what a scenario declares that sees its health check do so. */
export const emptied: Judge = (of, demanded) => {
  const limit = limitMs(demanded)
  const [fault] = of.analysis.faults
  const spans = ofGateways(of)
  if (!fault || fault.inEffectAt === null || spans.length === 0)
    return notMeasured('ms', 'No fault took effect, or no balancer holds a gateway: nobody could be left out.')
  const since = fault.inEffectAt
  const at = spans
    .map(({ from }) => from)
    .filter((from) => from >= fault.intendedAt)
    .sort((a, b) => a - b)
    .find((from) => emptyAt(spans, from).length > 0)
  const balancers = [...new Set(spans.map(({ balancer }) => balancer))]
  if (at === undefined)
    return {
      measured: null,
      unit: 'ms',
      outcome: 'fail',
      because: `${sayList(balancers)} trusted a gateway all the while, checking ${of.settings?.lbCheck ?? 'nobody knows what'}.`,
      culprit: balancers.join(', '),
      at: since,
    }
  const measured = Math.max(0, at - since)
  return {
    measured,
    unit: 'ms',
    outcome: measured > limit ? 'fail' : 'pass',
    because: `${sayMs(measured)} after ${sayFault(fault)} took effect ${sayEmpty(of, at)}`,
    at,
    ...(measured > limit && { culprit: emptyAt(spans, at).join(', ') }),
  }
}

/** Balancers are looked at ten times a second: what callers meet is seen there a little later. */
const SEEN_LATER_MS = 250

/** The balancers that trusted no gateway at an instant, though the drill had broken none of those. */
export const balancersThatTrustNobody = (of: Case, at: number): readonly string[] => {
  const spans = ofGateways(of)
  const empty = new Set([at, at + SEEN_LATER_MS].flatMap((look) => emptyAt(spans, look)))
  const isBroken = (node: string): boolean => faultsOn(of, node, at).length > 0
  return [...empty].filter((name) => !spans.some(({ balancer, node }) => balancer === name && isBroken(node)))
}

/** 'callers-balancer, which checks /status/ready (L7STS 503), trusted none of data-plane-1 and data-plane-2.' */
export const sayEmpty = (of: Case, at: number): string => {
  const spans = ofGateways(of).filter((span) => holds(span, at) && span.state !== 'in')
  const reasons = [...new Set(spans.flatMap(({ reason }) => reason ?? []))]
  const why = reasons.length > 0 ? ` (${reasons.join(', ')})` : ''
  const nodes = [...new Set(spans.map(({ node }) => node))].sort()
  return `${sayList(emptyAt(spans, at))}, which checks ${of.settings?.lbCheck ?? 'nobody knows what'}${why}, trusted none of ${sayList(nodes)}.`
}

const holds = ({ from, to }: RotationSpan, at: number): boolean => from <= at && at <= to

/** Balancers of which every server was out at an instant. */
const emptyAt = (spans: readonly RotationSpan[], at: number): readonly string[] => {
  const held = Map.groupBy(
    spans.filter((span) => holds(span, at)),
    ({ balancer }) => balancer,
  )
  // Where one opinion ends and the next begins both hold; the later one counts.
  const isOut = (all: readonly RotationSpan[], name: string): boolean =>
    all.filter(({ node }) => node === name).at(-1)?.state !== 'in'
  return [...held].filter(([, all]) => all.every(({ node }) => isOut(all, node))).map(([name]) => name)
}

const ofGateways = ({ history, analysis }: Case): readonly RotationSpan[] => {
  const [run] = eventsOf(history.events, 'run')
  const gateways = run ? nodesOf(run.topology, 'data-plane').map(({ name }) => name) : []
  return analysis.rotation.filter(({ node }) => gateways.includes(node))
}
