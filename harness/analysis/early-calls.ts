// Calls that reached a node before it was ready: readmission came too early.
import { type Event, endsProcesses, eventsOf, type FaultKind, isTrusted } from '../history/event.ts'
import { againBrokenAt, backFrom } from './aftermath.ts'
import type { EarlyCall, FaultAnalysis, Window } from './analysis.ts'
import type { Attribution } from './attribution.ts'
import { ANSWERED, answeringNode, endedAt, firstAt, scheduled } from './calls.ts'
import { keepsItsBalancers } from './holders.ts'
import type { AnalysedLane } from './lane.ts'
import { rotationOf } from './rotation.ts'
import type { TimingContext } from './timing.ts'

/** Enough to prove it; a report lists no more. */
const MOST = 1000

/** Looks and the balancer's log meet on one axis to this. */
const LOG_SLACK_MS = 5

/** Early calls on every node that came back, in order of time. */
export const earlyCalls = (
  faults: readonly FaultAnalysis[],
  lanes: readonly AnalysedLane[],
  context: Pick<TimingContext, 'events' | 'topology' | 'clockErrorMs' | 'end'> & { readonly attribution: Attribution },
): readonly EarlyCall[] =>
  faults
    .flatMap((fault) =>
      fault.targets.flatMap((node) => {
        const unready = knownUnready(context.events, fault, { node, until: againBrokenAt(faults, fault, node) })
        const window = unready && within(unready, context.clockErrorMs)
        if (window && runsOn(fault.kind) && wasControlPlaneAway(faults, window, context)) return []
        return window ? lanes.flatMap((lane) => callsOn(node, window, lane, context.attribution)) : []
      }),
    )
    .sort((a, b) => a.at - b.at)
    .slice(0, MOST)

/**
 * From the beginning of healing to the last look that saw the node not ready; where its process ran on, from when the fault was gone: a look
 * that was not answered before may have been lost as calls were. Before healing a node that goes down is not
 * ready either, but there the balancer may need its time: that is ejection, judged on its own. What is seen from `until` on, as
 * the next fault takes the node, says nothing of this one.
 */
const knownUnready = (
  events: readonly Event[],
  fault: FaultAnalysis,
  { node, until }: { readonly node: string; readonly until: number },
): Window | null => {
  // A gateway without DP Manager serves from memory all the while: its "not ready" is about DP Manager, not about calls.
  if (fault.kind === 'certificate' || keepsItsBalancers(events, fault, node)) return null
  const healing = backFrom(events, fault)
  if (healing === null) return null
  const since = Math.max(healing, runsOn(fault.kind) ? (fault.clearBounds?.[1] ?? healing) : healing)
  const looks = eventsOf(events, 'readiness').filter(
    (look) => look.node === node && look.at >= since && look.at < until,
  )
  const ready = looks.findIndex((look) => look.ready)
  const unready = looks.slice(0, ready < 0 ? looks.length : ready)
  if (unready.length === 0) return null
  // A look takes time: what it saw was so when it began. The next event says when that was.
  const last = looks[ready]?.lastLookAt ?? unready.at(-1)?.lastLookAt ?? since
  return last > since ? [since, last] : null
}

/** A window less the clock's error at either end; null where nothing is left. */
const within = ([from, to]: Window, errorMs: number): Window | null =>
  to - errorMs > from + errorMs ? [from + errorMs, to - errorMs] : null

/**
 * Whether at some time in a window every node of a kind that gateways read their configuration from was broken, or trusted by no balancer,
 * since it had yet to find its database: a gateway that has its configuration is not ready then, and serves.
 */
const wasControlPlaneAway = (
  faults: readonly FaultAnalysis[],
  [from, to]: Window,
  { events, topology, end }: Pick<TimingContext, 'events' | 'topology' | 'end'>,
): boolean => {
  const broken = faults
    .filter(({ intendedAt, clearedAt }) => intendedAt < to && (clearedAt ?? Infinity) > from)
    .flatMap(({ targets }) => targets)
  const untrusted = rotationOf(events, end)
    .filter((span) => !isTrusted(span.state) && span.from < to && span.to > from)
    .map(({ node }) => node)
  const away = new Set([...broken, ...untrusted])
  return (['control-plane', 'config-store'] as const).some((role) => {
    const nodes = topology?.nodes.filter((node) => node.role === role) ?? []
    return nodes.length > 0 && nodes.every(({ name }) => away.has(name))
  })
}

/** Whether a fault leaves a node's process as it was: what comes back has its configuration still. */
const runsOn = (kind: FaultKind): boolean => !endsProcesses(kind) && kind !== 'memory'

const callsOn = (
  node: string,
  [from, to]: Window,
  { calls }: AnalysedLane,
  attribution: Attribution,
): readonly EarlyCall[] => {
  const found: EarlyCall[] = []
  if (calls.lane.header.purpose !== 'callers') return found
  for (let i = firstAt(calls, from); i < calls.count && scheduled(calls, i) < to && found.length < MOST; i += 1) {
    if (attribution.nodeOf(calls, i) !== node) continue
    // The balancer's line says when it had the call; without one, the answer itself does.
    const line = attribution.lineOf(calls, i)
    const isAnswer = calls.code[i] === ANSWERED || answeringNode(calls, i) === node
    const reachedBy = isAnswer ? endedAt(calls, i) : line ? line.to + LOG_SLACK_MS : Infinity
    if (reachedBy <= to) found.push({ node, at: scheduled(calls, i), notReadyAt: to, lane: calls.name })
  }
  return found
}
