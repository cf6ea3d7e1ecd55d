// Failover of the database: how long its balancer gave writes to nobody, beside what Patroni's settings predict.
import { type EventOf, eventsOf, type FaultKind, type Settings } from '../history/event.ts'
import { longestUpMs } from '../topology/check.ts'
import { PRIMARY_BACKEND } from '../topology/topology.ts'
import type { FaultAnalysis, Timing } from './analysis.ts'
import { CHECK_MS } from './predictions.ts'
import { above, between, effectOf, type TimingContext } from './timing.ts'

/** A fault in effect on the primary → the balancer gives writes to another member. Left out where no primary was hit, or nobody was left. */
export const failovers = (context: TimingContext): readonly Timing[] => {
  const opinions = eventsOf(context.events, 'rotation').filter(({ backend }) => backend === PRIMARY_BACKEND)
  const balancers = Map.groupBy(opinions, ({ balancer }) => balancer)
  return context.faults.flatMap((fault) =>
    fault.inEffectAt === null ? [] : [...balancers.values()].flatMap((held) => failoverOf(context, fault, held)),
  )
}

type Opinions = readonly EventOf<'rotation'>[]

const failoverOf = (context: TimingContext, fault: FaultAnalysis, opinions: Opinions): readonly Timing[] => {
  const primary = primaryAt(opinions, fault.intendedAt)
  const [first] = opinions
  if (primary === null || !first || !fault.targets.includes(primary)) return []
  // Whoever is first to run again after all of them were lost is no successor.
  if (opinions.every(({ node }) => fault.targets.includes(node))) return []
  const base = {
    measure: 'failover',
    of: primary,
    at: first.balancer,
    faultId: fault.id,
    ...predictedFailover(fault.kind, context.settings, first.balancer),
  } as const
  const until = endOf(context, fault)
  const during = opinions.filter(({ at }) => at >= fault.intendedAt && at < until)
  const inEffect = effectOf(fault)
  const successor = during.find(({ node, state }) => node !== primary && state === 'in')
  if (successor)
    return [
      {
        ...base,
        took: between(inEffect, [successor.lastLookAt, successor.at], context.clockErrorMs),
        censored: false,
      },
    ]
  // A fault that left the primary in its place asked nobody to follow it; one that was healed first is no failover either.
  const dropped = during.some(({ node, state }) => node === primary && state !== 'in')
  const isBack = primaryAt(opinions, until) === primary
  return dropped && !isBack ? [{ ...base, took: above(until - inEffect[1]), censored: true }] : []
}

/** Whom the balancer gave writes to just before an instant; null where that was nobody. */
const primaryAt = (opinions: Opinions, at: number): string | null => {
  const last = new Map(opinions.filter((event) => event.at < at).map(({ node, state }) => [node, state]))
  return [...last].find(([, state]) => state === 'in')?.[0] ?? null
}

/** When the next fault was intended; the end of the run when there is none. */
const endOf = ({ faults, end }: TimingContext, fault: FaultAnalysis): number =>
  faults.find((each) => each.id !== fault.id && each.intendedAt > fault.intendedAt)?.intendedAt ?? end

/** Members that run for the leader key ask the dead one for 2 s; whoever gets it is promoted within 1 s: protocol.md §5.2. */
const RACE_MS = 3000

/** A primary that is told to go hands over: a checkpoint, a fast stop, and the key is free. */
const HANDOVER_MS = 6000

/** The config store's own election; its new leader gives every lease its full time again. */
const ELECTION_MS = 2000

type Prediction = Pick<Timing, 'predictedMinMs' | 'predictedMaxMs'>

/** What Patroni's settings and the balancer's check let a failover take; nothing where they are not known, or nobody has to go. */
const predictedFailover = (kind: FaultKind, settings: Settings | null, balancer: string): Prediction => {
  const patroni = settings?.patroni
  const check = settings?.checks?.[balancer]
  if (!patroni || !check) return {}
  const { ttlMs, loopWaitMs } = patroni
  const silent = { predictedMinMs: ttlMs - loopWaitMs, predictedMaxMs: ttlMs + RACE_MS + CHECK_MS + longestUpMs(check) }
  switch (kind) {
    case 'kill':
    case 'pause':
    case 'isolate':
    case 'reject':
    case 'partition':
      return silent
    case 'outage':
      // The zone may have held the config store's leader too.
      return { ...silent, predictedMaxMs: silent.predictedMaxMs + ELECTION_MS }
    case 'stop':
    case 'restart':
    case 'switchover':
      return { predictedMinMs: 0, predictedMaxMs: HANDOVER_MS + CHECK_MS + longestUpMs(check) }
    case 'crash':
    case 'flap':
    case 'replace':
    case 'upgrade':
    case 'reconfigure':
    case 'drain':
    case 'one-way':
    case 'loss':
    case 'bandwidth':
    case 'slow':
    case 'cpu':
    case 'memory':
    case 'disk':
    case 'certificate':
    case 'reload':
      // It may come back before anybody follows it, or never go.
      return {}
  }
}
