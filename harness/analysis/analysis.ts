// What a history means: the shape of everything the verdict judges and the report draws. Pure values.
import type { Outcome } from '../history/call.ts'
import type { Evidence, FaultKind } from '../history/event.ts'
import type { Schedule } from '../history/schedule.ts'
import type { RotationState } from '../topology/check.ts'
import type { Anomaly } from './acknowledged.ts'

/** [from, to) in ms since the run began. */
export type Window = readonly [from: number, to: number]

export type PhaseName = 'steady' | 'disturbed' | 'recovered'

/**
 * steady: first call to the first intent. disturbed: first intent to the last fault cleared.
 * recovered: from there to the end. Without a fault everything is steady. They partition the run.
 */
export interface Phases {
  readonly steady: Window
  readonly disturbed: Window | null
  readonly recovered: Window | null
}

/** A measured length: the point, and bounds that contain the truth. Ms. */
export interface Measured {
  readonly point: number
  readonly min: number
  readonly max: number
}

/** An interval in which nobody (full) or too few (partial) were answered. */
export interface Outage {
  readonly lane: string
  readonly kind: 'full' | 'partial'
  /** full only: hard when calls in it failed or were held back, stall when all were answered, late. */
  readonly nature?: 'hard' | 'stall'
  readonly from: number
  readonly to: number
  readonly length: Measured
  /** Calls scheduled inside that were not answered. */
  readonly lost: number
  /** Calls of this window that were lost or came late / rate: the independent second estimate. */
  readonly lossDerivedMs: number
  /** Nodes that the failures join to, most hit first; empty when nobody knows. */
  readonly nodes: readonly string[]
  /** Own stall of the generator inside it: left out of the point where nobody knows that it went on meanwhile, and always of `min`. */
  readonly ownStallMs: number
  /** The record begins or ends inside it: its true length is above `length.point`. */
  readonly censored?: boolean
  /** full only: the shortest that could be told at the rate of then, where the lane's changes; else it is the lane's. */
  readonly floorMs?: number
  /** full only: the two estimates differ by more than a tenth, and by more than the bounds explain. */
  readonly estimatesDisagree?: boolean
  /** full only, of a Dashboard that nobody lost a call to but by waiting: for so long somebody may have waited for a processor between `from` and `to`. */
  readonly waitedMs?: number
}

/** Lost calls of a lane that lie close together. Ms since the run began; the edges are the first and the last of them. */
export interface ErrorBurst {
  readonly from: number
  readonly to: number
  readonly lost: number
  /** Of those: while the machine itself was disturbed. */
  readonly lostInDoubt: number
  /** The highest share of lost calls in any 100 ms of it. */
  readonly peakShare: number
  /** Lost calls by error class. */
  readonly classes: Readonly<Record<string, number>>
  /** Nodes that they join to, most hit first. */
  readonly nodes: readonly string[]
}

/** A time, outside of any outage, in which callers of a lane waited far longer than usual. Ms since the run began. */
export interface BrownOut {
  readonly from: number
  readonly to: number
  /** The highest p99 of its 100 ms windows, and what each of them was above; ms. */
  readonly worstP99: number
  readonly limitMs: number
}

/** The window of this length in which the smallest share of a lane's calls was answered. */
export interface WorstWindow {
  readonly lengthMs: number
  readonly from: number
  /** Lost, of those that say something: answered or lost. */
  readonly lost: number
  readonly of: number
  readonly availability: number
}

/** What lost calls used of a promise's allowance. */
export interface ErrorBudget {
  /** The share of calls that was promised to be answered: 0.999. */
  readonly promised: number
  /** Lost calls / rate: as much time as if nobody had been answered. */
  readonly badMs: number
  /** Of the bad time that 30 days allow: 1 is all of it. */
  readonly used: number
  /** How many times faster than allowed; null where the phase has no calls. */
  readonly burnRate: Readonly<Record<PhaseName, number | null>>
}

/** How long until something was so again; `sinceHeal` is null where it was before the fault was healed, or nobody healed it. */
export interface Return {
  readonly sinceFault: Measured
  readonly sinceHeal: Measured | null
  /** The run ended first: the truth is above both. */
  readonly censored: boolean
}

/** How the callers of one lane came back after one fault. */
export interface Recovery {
  readonly faultId: string
  readonly lane: string
  /** The first answer after the fault's full outage; null where there was none, or only one that was there before it or came long after. */
  readonly firstAnswer: Return | null
  /** From there on, for 5 s, no more lost than before and p99 as before; null where the next fault came first or nobody can tell. */
  readonly stable: Return | null
}

/** Latency from the scheduled instant, ms; null where no call was. Unanswered calls enter at the deadline. */
export interface Latency {
  readonly count: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
  /** Of a sample: the least that the percentiles of all can be, with 99 % confidence. None where these are all. */
  readonly atLeast?: { readonly p50: number; readonly p99: number; readonly p999: number }
}

export type OutcomeCounts = Readonly<Record<Outcome, number>>

export interface LanePhase {
  readonly phase: PhaseName
  readonly counts: OutcomeCounts
  /** Of its unsent calls those that the cap held back while nobody was answered: lost. None where nothing is said. */
  readonly heldBack?: number
  readonly latency: Latency | null
  /** The same without the calls that the machine or the generator itself delayed. */
  readonly soundLatency?: Latency | null
}

/** A call that was not answered, for a sentence to name. */
export interface LostCall {
  readonly lane: string
  readonly index: number
  readonly at: number
  readonly errorClass: string
  readonly status: number
  readonly node: string | null
}

/** A lane over the window that objectives are judged over. */
export interface JudgedLane {
  readonly window: Window
  readonly answered: number
  /** wrong, refused, unanswered, and shed inside a full outage. */
  readonly lost: number
  /** The time that they stand for: lost / rate, as the rate was then. */
  readonly lostMs: number
  /** Of those: while the machine itself was disturbed, so that nobody can tell whose fault it was. */
  readonly lostInDoubt: number
  readonly lostInDoubtMs: number
  /** To 10 s after the last fault cleared, or 5 s after the last admission, and no longer. */
  readonly latency: Latency | null
  readonly soundLatency: Latency | null
  readonly firstLost: LostCall | null
  readonly lastLost: LostCall | null
  /** Lost calls by the node they join to; '' is nobody. */
  readonly lostByNode: Readonly<Record<string, number>>
}

/** Lost calls of those scheduled from the beginning of a heal to the next fault, or to the end of the judged window. */
export interface LostOnReturn {
  readonly lost: number
  /** Of those: while the machine itself was disturbed, so that nobody can tell whose fault it was. */
  readonly inDoubt: number
  readonly firstLost: LostCall | null
  /** Lost calls by the node they join to; '' is nobody. */
  readonly lostByNode: Readonly<Record<string, number>>
}

/** One step of the timeline: 100 ms. Arrays run side by side, one entry a step from `from`. */
export interface Series {
  readonly from: number
  readonly stepMs: number
  readonly answered: readonly number[]
  readonly wrong: readonly number[]
  readonly refused: readonly number[]
  readonly unanswered: readonly number[]
  readonly unsent: readonly number[]
  /** Of answered calls, ms; null where there were none. */
  readonly p50: readonly (number | null)[]
  readonly p99: readonly (number | null)[]
  readonly max: readonly (number | null)[]
}

export interface LaneAnalysis {
  readonly lane: string
  readonly purpose: 'callers' | 'control' | 'dashboard' | 'direct'
  /** direct: whom it called. */
  readonly node?: string
  readonly zone: string
  readonly rate: number
  /** Where its rate changed: the whole schedule. */
  readonly schedule?: Schedule
  readonly count: number
  readonly phases: readonly LanePhase[]
  readonly outages: readonly Outage[]
  /** Partial outages as they would be if every lost call were the deployment's; only where some may be the machine's. */
  readonly doubtfulPartials?: readonly Outage[]
  /** The shortest full outage this lane can see: max(10 ms, 3 / rate, baseline's p99.99 gap, the control lane's own up to 50 ms). */
  readonly floorMs: number
  /** Send minus schedule, ms. */
  readonly lateness: Latency | null
  readonly series: Series
  /** Calls that were sent once more, as any client does; none where nothing is said. */
  readonly sentAgain?: number
  /** Lost calls by error class, all of them: { 'connection-refused': 3, shed: 2 }. */
  readonly errorClasses: Readonly<Record<string, number>>
  readonly judged?: JudgedLane
  /** What it lost while something came back; absent where nothing was healed. */
  readonly onReturn?: LostOnReturn
  /** Sound latency over the settled part of the steady phase: what later phases are held against. */
  readonly baseline?: Latency | null
  /** The same of every call, sound or not. */
  readonly baselineOfAll?: Latency | null
  readonly errorBursts: readonly ErrorBurst[]
  readonly brownOuts: readonly BrownOut[]
  /** By length, shortest first; empty where nothing was lost. */
  readonly worstWindows: readonly WorstWindow[]
  readonly errorBudgets: readonly ErrorBudget[]
  /** Times in which its callers were cut off together with their zone: nothing above counts what became of their calls then. */
  readonly cutOffs?: readonly CutOff[]
}

/** A time in which the callers of a lane were cut off together with their zone. */
export interface CutOff {
  readonly faultId: string
  readonly window: Window
  /** Calls that were due in it, and how many of them were answered. */
  readonly calls: number
  readonly answered: number
  /** From its end to the first answer to a call that was due later; null where there was none. */
  readonly answeredAgainMs: number | null
}

/** Latencies of a lane in one phase, in HdrHistogram's buckets of three digits: side by side, the bucket's least value and its calls. */
export interface Histogram {
  readonly lane: string
  readonly phase: PhaseName
  /** Only the calls that join to this node; null: all of them. */
  readonly node: string | null
  readonly window: Window
  readonly us: readonly number[]
  readonly counts: readonly number[]
}

export interface FaultAnalysis {
  readonly id: string
  readonly kind: FaultKind
  readonly targets: readonly string[]
  readonly plannedDowntime: boolean
  /** What was asked beyond the targets: `{ share: 0.3 }`. */
  readonly asked?: Readonly<Record<string, string | number>>
  readonly intendedAt: number
  /** null: never attested. */
  readonly inEffectAt: number | null
  readonly healedAt: number | null
  readonly clearedAt: number | null
  readonly evidence: readonly Evidence[]
  /** Somebody besides the injector saw it land, whatever others said. */
  readonly wasSeen: boolean
  /** Why it does not count as attested; empty when it does. */
  readonly doubts: readonly string[]
  readonly healedBy: 'script' | 'fixture' | 'longest life' | 'nobody'
  /** The true instants lie in these; null when nobody could bound them. */
  readonly inEffectBounds?: Window | null
  readonly clearBounds?: Window | null
}

/** A balancer's opinion of a node over time. */
export interface RotationSpan {
  readonly balancer: string
  readonly backend: string
  readonly node: string
  readonly state: RotationState
  readonly from: number
  readonly to: number
  readonly reason?: string
}

/** How long something took that may have run out: 'ejection of data-plane-1'. */
export interface Timing {
  readonly measure: 'ejection' | 'readmission' | 'failover' | 'recovery' | 'convergence'
  /** The node, or the change's id for convergence. */
  readonly of: string
  /** convergence: at this node. ejection, readmission, failover: by this balancer. */
  readonly at: string
  readonly took: Measured
  /** The run or the wait ended first: the truth is above `took.point`. */
  readonly censored: boolean
  readonly faultId?: string
  /** ejection: a script waited for it, for long enough to say that it does not come at all. */
  readonly isInVain?: boolean
  /** readmission: of whoever stood in the node's place while the fault was in effect. */
  readonly isReplacement?: boolean
  /** From the balancer's configuration, and Patroni's, where known. */
  readonly predictedMaxMs?: number
  readonly predictedMinMs?: number
}

/** A call that reached a node that was not ready: readmission came too early. */
export interface EarlyCall {
  readonly node: string
  readonly at: number
  /** The last look that saw it not ready. */
  readonly notReadyAt: number
  readonly lane: string
}

export interface NodeAnalysis {
  readonly node: string
  readonly role: string
  readonly zone: string
  /** Answers it gave to callers, by phase. */
  readonly answered: Readonly<Record<PhaseName, number>>
  /**
   * Of those after recovery, since every gateway was in rotation again: the ones a balancer chose the node for; one that forwards
   * connections chooses only for a new one.
   */
  readonly placed: number
  readonly lost: number
  readonly lostByPhase: Readonly<Record<PhaseName, number>>
  readonly latency: Readonly<Record<PhaseName, Latency | null>>
  /** Answers a second in the timeline's steps. */
  readonly series: {
    readonly from: number
    readonly stepMs: number
    readonly answered: readonly number[]
    readonly lost: readonly number[]
  }
}

/** A zone's gateways as callers met them. */
export interface ZoneAnalysis {
  readonly zone: string
  readonly nodes: readonly string[]
  readonly answered: Readonly<Record<PhaseName, number>>
  readonly lost: Readonly<Record<PhaseName, number>>
  readonly latency: Readonly<Record<PhaseName, Latency | null>>
}

/** A route of the callers' mix, on all of their lanes. */
export interface RouteAnalysis {
  readonly route: string
  /** Of all calls, what the mix asks for. */
  readonly share: number
  /** Calls that were sent, or held back because nobody was answered. */
  readonly calls: number
  readonly lost: number
  /** Of those: while the machine itself was disturbed. */
  readonly lostInDoubt: number
  readonly latency: Readonly<Record<PhaseName, Latency | null>>
}

/** A time in which the operator's page was of no use. */
export interface Stall {
  readonly lengthMs: number
  /** What is left of it without the time in which the browser waited for a processor, and not for the deployment. */
  readonly atLeastMs: number
  readonly at: number
  /** What it was in: 'refresh', or 'heartbeat'. */
  readonly in: string
  /** The script ended before the page was usable again: it was longer than it looks. */
  readonly unended?: true
}

export interface SessionAnalysis {
  readonly signedInAt: number
  readonly beats: number
  readonly failedBeats: number
  readonly signOuts: readonly number[]
  /** The longest of the times between two answered beats or one usable page. */
  readonly longestStall: Stall
  /** The one of which most is not to be explained by a browser that had no processor. */
  readonly surestStall: Stall
  /** The longest one that never came to its end; absent where all did. */
  readonly unendedStall?: Stall
  readonly servedBy: readonly string[]
  /** The node that answered each sign-out, side by side with signOuts. */
  readonly signedOutBy?: readonly (string | null)[]
}

/** A stream of changes, and what gateways in rotation showed of it. */
export interface StreamAnalysis {
  readonly writes: number
  readonly accepted: number
  readonly refused: number
  /** Nobody answered, or an answer came that may have come after it was done. */
  readonly unknown: number
  /** Each of them. */
  readonly asked: readonly Pick<ChangeAnalysis, 'sentAt' | 'acceptedAt' | 'endedAt'>[]
  /** That were looked at. */
  readonly gateways: readonly string[]
  /** Those among them whose last look, as the stream ended, came to nothing. */
  readonly unseenAtEnd: readonly string[]
  /** Asked in the end what it has, the control plane did not say. */
  readonly isStoreSilent: boolean
  readonly anomalies: readonly Anomaly[]
}

export interface ChangeAnalysis {
  readonly id: string
  readonly by: 'operator' | 'dashboard'
  readonly what: string
  readonly sentAt: number
  readonly acceptedAt: number | null
  /** When it was accepted, refused, or given up; null where none of that is on record. */
  readonly endedAt?: number | null
  readonly refused: boolean
  readonly unknown: boolean
  readonly seenAt: Readonly<Record<string, number>>
  /** Nodes that were waited for in vain. */
  readonly missedAt?: readonly string[]
  /** Those of them that showed it at one look and at another did not. */
  readonly byTurnsAt?: readonly string[]
}

/** What the sensor has to say about itself; doubts carry the window they cover. */
export interface Doubt {
  readonly about:
    | 'sending'
    | 'control lane'
    | 'own stall'
    | 'stall'
    /** Of a lane that reads the Dashboard: nothing to callers, and to whoever limits the Dashboard's outage one that may have been. */
    | 'dashboard stall'
    | 'record'
    | 'fault'
    | 'cut off'
    | 'steady state'
    | 'rotation'
    | 'clock'
    | 'script'
    | 'resolution'
    | 'analysis'
  readonly because: string
  readonly window: Window
  /** It hides whether this lane had a full outage. */
  readonly lane?: string
  /** Somebody was still for the window, and lost nothing: it hides no full outage longer than that. */
  readonly isStandstill?: true
}

/** The part of calls lost in faults that a healthy deployment may lose, counted (DESIGN.md §3). */
export interface Losses {
  readonly faultId: string
  /** Not answered, scheduled in the judged window. */
  readonly lost: number
  /** Of those: in flight on a target when the fault took effect. */
  readonly inFlightOnTarget: number
  /** Of those: scheduled after it was in effect. */
  readonly scheduledLater: number
  /** Of those: a non-idempotent call that may have happened. */
  readonly mayHaveHappened: number
  /** Of the latter: cut as a gateway stopped, before the balancers had dropped it. */
  readonly cutByStop: number
  /** Of those: while the machine itself was disturbed. */
  readonly inDoubt?: number
  /** Of those, and in flight on a target, or cut as a gateway stopped. Absent in older files. */
  readonly inFlightInDoubt?: number
  readonly cutInDoubt?: number
  /** Of those: for certain, answered badly in the name of a gateway that no fault had, while this one may still have cost calls. Absent in older files. */
  readonly byOthers?: number
  /** Of those: for certain, and from when every gateway struck was out of rotation until its heal. Absent in older files. */
  readonly whileOut?: number
  /** Of those: for certain, and scheduled once the heal was clear, where every gateway struck was out of rotation as it began. Absent in older files. */
  readonly afterReturn?: number
}

/** A window in which the machine or the generator, not the deployment, held calls up. */
export interface Disturbance {
  readonly source: 'own stall' | 'control lane'
  readonly window: Window
  readonly because: string
  /** Longer than the 50 ms a sensor may be blind, or calls of the control lane were lost: calls lost meanwhile are nobody's for certain. */
  readonly isSerious: boolean
  /** Somebody was still for that time, and lost nothing: it hid nothing where callers were answered all through it. */
  readonly isStandstill: boolean
}

/** For what share of each phase processors were short for whom calls of a kind pass, or somebody waited for one; 0 to 1. */
export interface WaitingShare {
  /** 'calls to gateways', 'anybody', 'data-plane-1'. */
  readonly of: string
  readonly kind: 'calls' | 'name'
  readonly shares: Partial<Readonly<Record<PhaseName, number>>>
}

export interface Analysis {
  readonly phases: Phases
  readonly lanes: readonly LaneAnalysis[]
  readonly faults: readonly FaultAnalysis[]
  readonly rotation: readonly RotationSpan[]
  readonly timings: readonly Timing[]
  /** Recoveries that the next fault cut short: the truth is above `took.point`, and that only says something where it is above a limit. */
  readonly unrecovered: readonly Timing[]
  readonly recoveries: readonly Recovery[]
  readonly earlyCalls: readonly EarlyCall[]
  readonly nodes: readonly NodeAnalysis[]
  readonly zones: readonly ZoneAnalysis[]
  /** Empty where every call asks for the same. */
  readonly routes: readonly RouteAnalysis[]
  readonly histograms: readonly Histogram[]
  readonly session: SessionAnalysis | null
  readonly changes: readonly ChangeAnalysis[]
  /** null where no stream of changes was written; absent in an analysis that was saved by an older version. */
  readonly stream?: StreamAnalysis | null
  readonly losses: readonly Losses[]
  readonly doubts: readonly Doubt[]
  readonly disturbances?: readonly Disturbance[]
  /** Absent in an analysis that was saved by an older version. */
  readonly waiting?: readonly WaitingShare[]
  /** What objectives are judged over, but for percentiles: from the first intent to 10 s after the last fault cleared, or to 5 s after the last admission, or to the script's end; null without a fault. */
  readonly judged: Window | null
}
