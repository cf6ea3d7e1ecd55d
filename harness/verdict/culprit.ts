// Which node the evidence of a finding points to.
import type { Window } from '../analysis/analysis.ts'
import { hasCallersLog, mostHit } from '../analysis/attribution.ts'
import { isInTouch } from '../analysis/holders.ts'
import { leavesServing } from '../analysis/predictions.ts'
import { meets } from '../analysis/windows.ts'
import { scheduledAt } from '../history/call.ts'
import { eventsOf } from '../history/event.ts'
import { nodesOf, type Role } from '../topology/topology.ts'
import { type Case, faultsOn } from './case.ts'
import { answersDirectly } from './direct.ts'
import { balancersThatTrustNobody } from './emptied.ts'

/** A node that fewer of the joined failures point to than this share is not named. */
const LEAST_SHARE = 0.1

/**
 * The node or nodes that lost calls join to. Where all of them were broken by the drill and a balancer went on trusting them,
 * it is the balancer: a dead node answers nobody, and is not to blame for being asked. So it is where the balancer says that it cut
 * the calls itself, that it took them when half of their time was over, or that it gave one which a dead node refused to nobody else.
 * Where nearly all join to nobody, it is the balancer that was reloaded meanwhile, or the one that trusted nobody though nobody was broken.
 */
export const culpritOf = (
  of: Case,
  lostByNode: Readonly<Record<string, number>>,
  at: number | undefined,
): string | undefined => {
  const reloaded = balancersWhoseReloadCost(of, lostByNode)
  if (reloaded.length > 0) return reloaded.join(', ')
  const all = sumOf(lostByNode)
  const joined = all - (lostByNode[''] ?? 0)
  const nodes = mostHit(lostByNode).filter((node) => (lostByNode[node] ?? 0) >= LEAST_SHARE * joined)
  const isJoined = nodes.length > 0 && joined >= LEAST_SHARE * all
  const emptied = at === undefined || isJoined ? [] : balancersThatTrustNobody(of, at)
  if (emptied.length > 0) return emptied.join(', ')
  if (nodes.length === 0) return undefined
  const own = [callsThatItCut, callsThatItTookLate, callsThatItGaveUp].find((isOwn) => isOwn(of, nodes) >= joined / 2)
  if (own) return balancersBefore(of, nodes).join(', ')
  const trusting = nodes.every((node) => isBroken(of, node, at)) ? balancersThatNeverDropped(of, nodes) : []
  return (trusting.length > 0 ? trusting : nodes.toSorted()).join(', ')
}

/**
 * Who is to blame for nodes that answered nobody in a window: the balancer that had dropped one although its fault leaves it
 * serving, or that gave it nothing although it answers whoever calls it past the balancer; else a node that was not broken at
 * all. So is one that told the balancer's check no while others told it yes. Nobody where the drill's own fault explains it.
 */
export const culpritOfAbsence = (of: Case, absent: readonly string[], window: Window): string | undefined => {
  const dropped = absent.filter((node) => isBroken(of, node, window[0]) && servesOn(of, node, window))
  // A balancer that asks for no more than a process that lives is told no by a node that asks for more itself.
  const denying = of.settings?.lbCheck === '/status' ? dropped.filter((node) => deniesItself(of, node, window)) : []
  const balancers = balancersThatHadOut(
    of,
    dropped.filter((node) => !denying.includes(node)),
    window,
  )
  const idle = absent.filter((node) => !isBroken(of, node, window[0]))
  const uncalled = idle.filter((node) => answersDirectly(of, node, window) && !deniesItself(of, node, window))
  const silent = idle.filter((node) => !uncalled.includes(node))
  return [...new Set([...balancers, ...balancersBefore(of, uncalled)]), ...denying, ...silent].join(', ') || undefined
}

const servesOn = (of: Case, node: string, [from, to]: Window): boolean =>
  of.analysis.faults
    .filter(
      ({ targets, intendedAt, clearedAt }) =>
        targets.includes(node) && intendedAt <= to && (clearedAt ?? Infinity) >= from,
    )
    .every((fault) => leavesServing(fault.kind) || balancersBefore(of, [node]).every((name) => isInTouch(fault, name)))

/** Its own answer to the balancer's check put it out, and the same check leaves another gateway in. */
const deniesItself = ({ analysis }: Case, node: string, window: Window): boolean => {
  const spans = analysis.rotation.filter(({ from, to }) => meets([from, to], window))
  return spans.some(
    (span) =>
      span.node === node &&
      span.state === 'out' &&
      span.reason?.includes(ANSWERED_NO) &&
      spans.some((each) => each.backend === span.backend && each.node !== node && each.state === 'in'),
  )
}

const balancersThatHadOut = ({ analysis }: Case, nodes: readonly string[], window: Window): readonly string[] => {
  const out = analysis.rotation.filter(
    ({ node, state, from, to }) => nodes.includes(node) && state === 'out' && meets([from, to], window),
  )
  return [...new Set(out.map(({ balancer }) => balancer))].sort()
}

/**
 * Balancers before gateways by whose reload at least half of the calls were lost, without a word of whom they were given to: a worker
 * that ends under its calls writes no line of them, and whoever has one writes it. Nobody where no log tells of callers' calls.
 */
const balancersWhoseReloadCost = (of: Case, lostByNode: Readonly<Record<string, number>>): readonly string[] => {
  if (!hasCallersLog(of.history)) return []
  const before = balancersBefore(of, gatewaysOf(of))
  const reloads = of.analysis.faults.flatMap(({ id, kind, targets }) => {
    const lost = of.analysis.losses.find(({ faultId }) => faultId === id)?.lost ?? 0
    const names = targets.filter((target) => before.includes(target))
    return kind === 'reload' && lost > 0 ? names.map((name) => ({ name, lost })) : []
  })
  const all = sumOf(lostByNode)
  const cost = reloads.reduce((sum, { lost }) => sum + lost, 0)
  return cost > 0 && Math.min(cost, lostByNode[''] ?? 0) >= all / 2
    ? [...new Set(reloads.map(({ name }) => name))].sort()
    : []
}

const sumOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0)

/** HAProxy's word for a check that was answered, and not well. */
const ANSWERED_NO = 'L7STS'

/** HAProxy's words for a session that it ended because it had marked the server down, where such a call might have gone elsewhere (D), or because its own worker had to go (K). */
const CUT_BY_THE_BALANCER = /^[DK]/

const callsThatItCut = ({ history }: Case, nodes: readonly string[]): number =>
  history.balancerCalls.filter(
    ({ node, termination }) => node !== null && nodes.includes(node) && CUT_BY_THE_BALANCER.test(termination),
  ).length

/** A balancer that has no slot left leaves connections waiting at its door: neither they nor the nodes can help it. */
const callsThatItTookLate = ({ history }: Case): number => {
  const headers = history.lanes.map(({ header }) => header)
  return history.balancerCalls.filter(({ requestId, from }) => {
    const header = headers.find(({ requestIdPrefix }) => requestId.startsWith(requestIdPrefix))
    if (header?.purpose !== 'callers') return false
    const dueAt = scheduledAt(header, Number(requestId.slice(header.requestIdPrefix.length)))
    return from - dueAt >= header.deadlineMs / 2
  }).length
}

/** HAProxy's words for a server that refused the connection (S), or never took it (s). Nothing was sent: any other node could have had the call. */
const NEVER_CONNECTED = /^[Ss]C/

const callsThatItGaveUp = ({ history, analysis }: Case, nodes: readonly string[]): number => {
  const others = analysis.rotation.filter(({ node, state }) => state === 'in' && !nodes.includes(node))
  const hadAnother = (at: number): boolean => others.some(({ from, to }) => from <= at && at <= to)
  return history.balancerCalls.filter(
    ({ node, termination, retries, from }) =>
      node !== null && nodes.includes(node) && retries === 0 && NEVER_CONNECTED.test(termination) && hadAnother(from),
  ).length
}

/** Those that hold any of the nodes, by name. */
export const balancersBefore = ({ analysis }: Case, nodes: readonly string[]): readonly string[] =>
  [...new Set(analysis.rotation.filter(({ node }) => nodes.includes(node)).map(({ balancer }) => balancer))].sort()

/** The control-plane nodes, by name: whoever speaks for the configuration. */
export const controlPlaneOf = (of: Case): readonly string[] => namesOf(of, 'control-plane')

const gatewaysOf = (of: Case): readonly string[] => namesOf(of, 'data-plane')

const namesOf = ({ history }: Case, role: Role): readonly string[] => {
  const [run] = eventsOf(history.events, 'run')
  return run ? nodesOf(run.topology, role).map(({ name }) => name) : []
}

/** The balancer's node of a timing's `at`: 'load-balancer-control (dashboard)' is one of its backends. */
export const balancerOf = (at: string): string => at.replace(/ \(.*\)$/, '')

const isBroken = (of: Case, node: string, at: number | undefined): boolean =>
  faultsOn(of, node, at).some(({ kind }) => kind !== 'drain')

const balancersThatNeverDropped = ({ analysis }: Case, nodes: readonly string[]): readonly string[] => {
  const censored = analysis.timings.filter(
    (timing) => timing.measure === 'ejection' && timing.censored && nodes.includes(timing.of),
  )
  return [...new Set(censored.map((timing) => balancerOf(timing.at)))].filter((name) => name !== 'callers')
}
