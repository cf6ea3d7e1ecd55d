// The closed list of objectives a scenario may demand, with the unit each is written in.
import type { Duration } from '../time/duration.ts'

/** A latency limit: absolute ('250ms') or against steady ('2x'). From the first fault to 10 s after the last one cleared, or to 5 s after the last admission. */
export type LatencyLimit = Duration | `${number}x`

/** What `expect(history).toMeet(...)` takes: flat, JSON-able, closed. Times are Durations, the rest counts and shares. */
export interface Objectives {
  /** Calls not answered, over the caller lanes. 'any': as many as there are, where what is lost is demanded otherwise. */
  readonly lostCalls?: number | 'any'
  /** Those of them that were lost from a heal on, until the next fault: what having something back costs. */
  readonly lostOnReturn?: number
  /** Lost calls / rate, the worst lane. */
  readonly lostTime?: Duration
  /** Answered / (answered + lost), 0..1, the worst lane. What was not sent, or what nobody knows of, is neither. */
  readonly availability?: number
  /** The longest full outage of any caller lane or zone; '0ms': none above the printed floor. Judged in every scenario. */
  readonly fullOutage?: Duration
  /** The longest partial outage of any caller lane. */
  readonly partialOutage?: Duration
  readonly p50?: LatencyLimit
  readonly p99?: LatencyLimit
  readonly p999?: LatencyLimit
  /** The same over the recovered phase alone: the deployment is as fast as before. */
  readonly recoveredP99?: LatencyLimit
  /** p99 in the disturbed phase against steady's, when `p99` is absolute and both are wanted. */
  readonly p99VsSteady?: `${number}x`
  readonly recoveredP99VsSteady?: `${number}x`
  /** Fault in effect → the balancer drops the node. */
  readonly ejection?: Duration
  /**
   * Healed → the first call that the node answers to stay: one that leaves again within ten seconds is not back. Of a node that is
   * replaced, its replacement in effect → the first that one answers to stay as well. A call before it is ready is a failure whatever the limit.
   */
  readonly readmission?: Duration
  /** Fault in effect → the callers' balancer trusts no gateway any more; only where the scenario is about just that. */
  readonly emptied?: Duration
  /** Gateways that a balancer took in though they were started while every control-plane node was down: they cannot have a configuration. */
  readonly admittedUnconfigured?: number
  /** Healed → stable: no more lost than before, p99 at most 1.5 times the baseline's. */
  readonly recovery?: Duration
  /** A change accepted → seen at every data-plane node in rotation. */
  readonly convergence?: Duration
  /** The longest time no change was accepted while changes were asked for. */
  readonly writeOutage?: Duration
  /** Changes that nobody answered, not even with an error: where the database is away, the operator has to be told. */
  readonly unansweredChanges?: number
  /** The control-plane nodes that answered the operator before anything was broken, at least. */
  readonly dashboards?: number
  /** How old the fallback's configuration was when a gateway started from it. */
  readonly storeAge?: Duration
  /** The longest full outage of the Dashboard lanes. */
  readonly dashboardOutage?: Duration
  /** The longest time the signed-in page was unusable. */
  readonly uiStall?: Duration
  /** Times the session had to sign in again. */
  readonly signOuts?: number
  /** Acknowledged changes that a data-plane node does not have at the end. */
  readonly lostChanges?: number
  /** Calls the upstream saw twice. */
  readonly duplicates?: number
  /** The least nodes that answered callers in any second of the disturbed phase. */
  readonly survivors?: number
  /** What the fewest gateways that were measured carry, over the rate that callers keep: at least. Not measured where they draw from a mix. */
  readonly headroom?: number
  /** How far the busiest gateway is above its fair share, or the idlest below it, as a factor: of what was placed since all were back to stay. */
  readonly imbalance?: number
}

/** The keys, in the order a report lists them. */
export const OBJECTIVES = [
  'fullOutage',
  'partialOutage',
  'lostCalls',
  'lostOnReturn',
  'lostTime',
  'availability',
  'p50',
  'p99',
  'p999',
  'p99VsSteady',
  'recoveredP99',
  'recoveredP99VsSteady',
  'ejection',
  'readmission',
  'emptied',
  'admittedUnconfigured',
  'recovery',
  'convergence',
  'writeOutage',
  'unansweredChanges',
  'dashboards',
  'storeAge',
  'dashboardOutage',
  'uiStall',
  'signOuts',
  'lostChanges',
  'duplicates',
  'survivors',
  'headroom',
  'imbalance',
] as const satisfies readonly (keyof Objectives)[]
