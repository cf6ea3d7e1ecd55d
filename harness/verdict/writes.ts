// Judges what became of changes: whether they were taken, kept, and done once.
import type { Anomaly } from '../analysis/acknowledged.ts'
import type { FaultAnalysis } from '../analysis/analysis.ts'
import { type WriteOutage, writeOutagesOf } from '../analysis/changes.ts'
import { inRotationAtEnd } from '../analysis/rotation.ts'
import { isLoss } from '../analysis/stream.ts'
import { eventsOf, type FaultKind } from '../history/event.ts'
import { sayMs } from '../time/duration.ts'
import { PRIMARY_BACKEND } from '../topology/topology.ts'
import { type Case, faultsOn, type Judge, limitMs, limitNumber, notMeasured, type Ruling, worstOf } from './case.ts'
import { controlPlaneOf } from './culprit.ts'
import { sayAnomaly, sayByTurns, sayList, sayWhen } from './say.ts'
import { waitedForUnaccepted } from './unaccepted.ts'

/** The longest time no change was accepted while changes were asked for; one that the run's end cut short, whatever was longer, lets nothing pass. */
export const writeOutage: Judge = (of, demanded) => {
  const limit = limitMs(demanded)
  // The judged window may reach beyond the end of the run, of which nobody has seen anything.
  const { steady, disturbed, recovered } = of.analysis.phases
  const [, end] = recovered ?? disturbed ?? steady
  const rule = ({ lengthMs, censored }: WriteOutage): Ruling['outcome'] =>
    lengthMs > limit ? 'fail' : censored ? 'inconclusive' : 'pass'
  const asked = [...of.analysis.changes, ...(of.analysis.stream?.asked ?? [])]
  const outages = writeOutagesOf(asked, [of.window[0], end])
  const outcome = worstOf(outages.map(rule))
  const longest = outages.find((outage) => rule(outage) === outcome)
  if (!longest)
    return notMeasured(
      'ms',
      'Nobody asked for a change in the judged window, so nobody knows whether one would have been accepted.',
    )
  const { lengthMs, from, censored } = longest
  const culprit = outcome === 'fail' ? whoHeldUp(of, from + limit) : null
  return {
    measured: lengthMs,
    unit: 'ms',
    outcome,
    because: `A change waited ${censored ? 'more than ' : ''}${sayMs(lengthMs)} for any to be accepted, asked for at ${sayWhen(of, from)}${culprit ? `; ${culprit.because}` : ''}.`,
    ...(culprit && { culprit: culprit.name }),
    at: from,
  }
}

/**
 * Whose it is, from whom the database's balancer led to when changes should have been taken again: to nobody, or to a node that was
 * broken, and it is the balancer's; to a primary, and it is whoever stands before it. Null where no balancer leads to a database.
 */
const whoHeldUp = (of: Case, at: number): { readonly name: string; readonly because: string } | null => {
  const { analysis } = of
  const spans = analysis.rotation.filter(
    ({ backend, from, to }) => backend === PRIMARY_BACKEND && from <= at && at <= to,
  )
  const [any] = spans
  if (!any) return null
  const isBroken = (node: string): boolean => faultsOn(of, node, at).length > 0
  const trusted = spans.filter((span) => span.state === 'in')
  const primary = trusted.find((span) => !isBroken(span.node))
  if (!primary) {
    const whom = trusted.length > 0 ? `${sayList(trusted.map((span) => span.node))}, which was broken` : 'nobody'
    return { name: any.balancer, because: `${any.balancer} still gave the database's connections to ${whom}` }
  }
  const nodes = controlPlaneOf(of)
  const because = `${primary.balancer} gave the database's connections to ${primary.node}, and no control-plane node wrote to it`
  return { name: nodes.join(', ') || primary.balancer, because }
}

/**
 * Accepted changes that a gateway in rotation does not have at the end, and writes of a stream that were lost, or came back. What
 * was waited for and was never accepted is not lost, and lets nothing pass.
 */
export const lostChanges: Judge = (of, demanded) => {
  const limit = limitNumber(demanded)
  const unaccepted = waitedForUnaccepted(of, 'count')
  const changes = lostOfChanges(of, limit)
  // What the one kind has lost the other may not lose again.
  const left = changes.reduce((rest, { measured }) => rest - (measured ?? 0), limit)
  const rulings = [...changes, ...lostOfStream(of, left), ...(unaccepted ? [unaccepted] : [])]
  const outcome = worstOf(rulings.map((each) => each.outcome))
  const worst = rulings.filter((each) => each.outcome === outcome)
  const [first] = worst
  if (!first) return notMeasured('count', 'No change was accepted, so none could be lost.')
  const measured = rulings.reduce((sum, each) => sum + (each.measured ?? 0), 0)
  return { ...first, measured, because: worst.map(({ because }) => because).join(' ') }
}

/** What a stream of changes showed that cannot be: as many as may be, or more. A healthy store loses none, and its gateways only go forward. */
const lostOfStream = (of: Case, limit: number): readonly Ruling[] => {
  const { stream } = of.analysis
  if (!stream || stream.accepted === 0) return []
  const losses = stream.anomalies.filter(isLoss)
  const [first] = losses
  const lost = new Set(losses.map(({ write, key }) => write ?? key)).size
  const told = { measured: lost, unit: 'count' } as const
  const differing = `${lost} ${lost === 1 ? 'is' : 'are'} not as acknowledged`
  if (first && lost > limit) {
    const inStore = losses.every((each) => each.inStore)
    const alike =
      inStore || losses.every((each) => each.hadLater ?? each.inStore) || shownAlike(losses, stream.gateways)
    const nodes = alike ? controlPlaneOf(of) : [...new Set(losses.flatMap((each) => each.nodes))]
    const why = inStore
      ? ' Gateways show it still, and will not once they read everything anew.'
      : alike
        ? ' Every gateway showed it alike, so it is what they were given.'
        : ''
    const where = inStore ? 'in the control plane’s own store' : `at ${sayList(first.nodes)}`
    const because = `Of a stream of ${stream.writes} writes ${differing}, the first ${sayAnomaly(first)} ${where}.${why}`
    return [{ ...told, outcome: 'fail', culprit: nodes.join(', '), at: first.at, because }]
  }
  const unsettled = stream.anomalies.find(({ kind }) => kind === 'unsettled')
  if (unsettled)
    return [
      {
        ...told,
        outcome: 'inconclusive',
        at: unsettled.at,
        because: `In the end ${sayList(unsettled.nodes)} did not show ${sayAnomaly(unsettled)}, and nobody can say whether it would have come: the drill was over before it had to.`,
      },
    ]
  if (stream.isStoreSilent)
    return [
      {
        ...told,
        outcome: 'inconclusive',
        because: `Gateways showed what was acknowledged, but asked in the end what it has itself, the control plane did not say: what its store has lost gateways show until they read it anew.`,
      },
    ]
  const atEnd = gatewaysAtEnd(of)
  if (atEnd.length === 0)
    return [
      {
        ...told,
        outcome: 'inconclusive',
        because: `No gateway was in rotation at the end, so nobody could show what a stream of ${stream.writes} writes came to.`,
      },
    ]
  const unseen = atEnd.filter((node) => !stream.gateways.includes(node) || stream.unseenAtEnd.includes(node))
  if (unseen.length > 0)
    return [
      {
        ...told,
        outcome: 'inconclusive',
        because: `Of a stream of ${stream.writes} writes nobody saw what ${sayList(unseen)} showed in the end.`,
      },
    ]
  const because = first
    ? `Of a stream of ${stream.writes} writes ${differing}, the first ${sayAnomaly(first)} at ${sayList(first.nodes)}; no more than may be.`
    : `${stream.accepted} of a stream of ${stream.writes} writes were accepted, and ${sayList(stream.gateways)} showed them in order, none lost, none twice.`
  return [{ ...told, outcome: stream.gateways.length > 0 ? 'pass' : 'inconclusive', because }]
}

/**
 * Whether every gateway went back by the same writes: one that was given nothing cannot go back, and none of several does by itself
 * what all the others do.
 */
const shownAlike = (losses: readonly Anomaly[], gateways: readonly string[]): boolean => {
  const wentBack = losses.filter(({ nodes }) => nodes.length === 1)
  const alike = Map.groupBy(wentBack, ({ kind, key, write }) => `${kind} ${key} ${write}`)
  const isEverywhere = (each: readonly Anomaly[]): boolean =>
    new Set(each.flatMap(({ nodes }) => nodes)).size === gateways.length
  return gateways.length > 1 && wentBack.length > 0 && [...alike.values()].every(isEverywhere)
}

const lostOfChanges = (of: Case, limit: number): readonly Ruling[] => {
  const accepted = of.analysis.changes.filter((change) => change.acceptedAt !== null)
  if (accepted.length === 0) return []
  const gateways = gatewaysAtEnd(of)
  if (gateways.length === 0)
    return [
      {
        measured: 0,
        unit: 'count',
        outcome: 'inconclusive',
        because: 'No gateway was in rotation at the end, so nobody could show what was accepted.',
      },
    ]
  const missing = accepted.flatMap((change) =>
    (change.missedAt ?? []).filter((node) => gateways.includes(node)).map((node) => ({ change, node })),
  )
  const lost = new Set(missing.map(({ change }) => change.id)).size
  const [first] = missing
  const told = { measured: lost, unit: 'count' } as const
  const nodes = [...new Set(missing.map(({ node }) => node))]
  const missed = first && {
    at: first.change.acceptedAt ?? first.change.sentAt,
    because: `${lost} of ${accepted.length} accepted changes never reached ${sayList(nodes)}, or did not stay there, the first '${first.change.what}'.${sayByTurns(first.change, nodes)}`,
  }
  if (missed && lost > limit) return [{ ...told, ...missed, outcome: 'fail', culprit: nodes.join(', ') }]
  const unlooked = accepted.filter((change) =>
    gateways.some((node) => !isKnownAt(of, change.id, node) || remainsUnlooked(of, change.id).includes(node)),
  )
  if (unlooked.length > 0)
    return [
      {
        ...told,
        outcome: 'inconclusive',
        because: `Nobody looked for ${sayList(unlooked.map((change) => `'${change.what}'`))} at every gateway that was in rotation at the end.`,
      },
    ]
  return [
    {
      ...told,
      outcome: 'pass',
      because:
        missed?.because ??
        `${accepted.length === 1 ? 'The one accepted change' : `Each of ${accepted.length} accepted changes`} was seen at every gateway in rotation.`,
    },
  ]
}

const gatewaysAtEnd = ({ analysis }: Case): readonly string[] => {
  const gateways = analysis.nodes.filter((node) => node.role === 'data-plane').map((node) => node.node)
  if (analysis.rotation.length === 0) return gateways
  const trusted = inRotationAtEnd(analysis.rotation)
  return gateways.filter((node) => trusted.includes(node))
}

/** Where nobody looked when it was last asked whether a change remained: that it was seen before says nothing of that. */
const remainsUnlooked = ({ history }: Case, id: string): readonly string[] =>
  eventsOf(history.events, 'observation').findLast(({ observed, change }) => observed === 'remains' && change === id)
    ?.unlooked ?? []

/**
 * Seen there, missed there, or followed there by a later change: a gateway applies them in order. One that was made once something else had
 * been broken proves nothing of those before: the store may have lost them. Nor does one made after a heal, of a change that no gateway ever
 * showed (whoever accepted it may have lost it as the others came back), or that this gateway could not hear of: it may go on from what is
 * newest.
 */
const isKnownAt = ({ analysis }: Case, id: string, node: string): boolean => {
  const index = analysis.changes.findIndex((change) => change.id === id)
  const change = analysis.changes[index]
  const acceptedAt = change?.acceptedAt ?? Infinity
  const isUnseen = Object.keys(change?.seenAt ?? {}).length === 0
  const turns = analysis.faults.flatMap((fault) =>
    fault.healedAt !== null && (isUnseen || keepsFromHearing(fault, node, acceptedAt))
      ? [fault.intendedAt, fault.healedAt]
      : [fault.intendedAt],
  )
  const next = Math.min(...turns.filter((at) => at > acceptedAt))
  return (
    (change?.missedAt ?? []).includes(node) ||
    analysis.changes.slice(index).some((each) => {
      const isSince = each !== change && each.sentAt >= next
      return each.seenAt[node] !== undefined && !isSince
    })
  )
}

/** Kinds under which a gateway lives on and hears nothing: one that starts anew reads everything instead. */
const PARTING: ReadonlySet<FaultKind> = new Set([
  'certificate',
  'isolate',
  'loss',
  'one-way',
  'partition',
  'pause',
  'reject',
])

/** Whether a fault that was begun by an instant parts this gateway from others: it is a target, or on the other side of a partition. */
const keepsFromHearing = ({ kind, targets, asked, intendedAt }: FaultAnalysis, node: string, at: number): boolean => {
  const parted = [...targets, ...(kind === 'partition' ? String(asked?.from ?? '').split(' ') : [])]
  return PARTING.has(kind) && parted.includes(node) && intendedAt <= at
}
