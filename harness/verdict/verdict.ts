// What a judged scenario is: assumptions first, then one finding per objective, then the outcome over all of them.
import type { Analysis, LaneAnalysis, Outage } from '../analysis/analysis.ts'

export type VerdictOutcome = 'pass' | 'fail' | 'inconclusive'

/** Something that has to hold for a pass to mean anything. Doubt turns only a pass into inconclusive. */
export interface Assumption {
  readonly name: string
  readonly holds: boolean
  readonly because: string
  /** About the sensor and the machine it runs on alone: that it does not hold says nothing of the deployment. */
  readonly isSensors?: true
  /** The window the doubt covers, ms since the run began; absent when it covers everything. */
  readonly window?: readonly [from: number, to: number]
}

/** A log line nearest to a finding: the report links it. */
export interface LogPointer {
  readonly file: string
  readonly line: number
  readonly text: string
}

/** One objective, judged. */
export interface Finding {
  /** 'lostCalls', 'p99'; the keys of OBJECTIVES. */
  readonly objective: string
  /** As the author wrote it: '250ms', 0, '2x'. */
  readonly demanded: string | number
  /** Absent where it is the script's, or a default. */
  readonly demandedBy?: 'team'
  /** What a healthy deployment may lose, or what the script demanded where a team's limit took its place; null when there is no default. */
  readonly default: string | number | null
  /** Numbers in the objective's unit; null when it could not be measured. */
  readonly measured: number | null
  readonly unit: 'ms' | 'calls' | 'ratio' | 'count'
  readonly outcome: VerdictOutcome
  /** A sentence: what broke, when, whom it hit. */
  readonly because: string
  readonly culprit?: string
  /** It went on when the run ended: nobody knows whether it would have ended. */
  readonly unended?: true
  /** The demand is looser than the default. */
  readonly looser?: boolean
  readonly at?: number
  readonly log?: readonly LogPointer[]
}

/** verdict.json (DESIGN.md §7). */
export interface Verdict {
  readonly schema: 'firedrill.verdict/1'
  readonly scenario: string
  readonly title: string
  readonly outcome: VerdictOutcome
  /** The first screen's sentence. */
  readonly because: string
  readonly assumptions: readonly Assumption[]
  readonly findings: readonly Finding[]
  readonly faults: Analysis['faults']
  readonly outages: readonly {
    readonly lane: string
    readonly kind: Outage['kind']
    readonly from: number
    readonly to: number
    readonly min: number
    readonly max: number
    readonly nodes: readonly string[]
  }[]
  readonly phases: Analysis['phases']
  readonly latency: readonly {
    readonly lane: string
    readonly phase: string
    readonly p50: number
    readonly p99: number
    readonly p999: number
    readonly max: number
    readonly count: number
  }[]
  readonly balance: readonly {
    readonly node: string
    readonly steady: number
    readonly disturbed: number
    readonly recovered: number
  }[]
  /** How callers and the Dashboard were served, beyond what was demanded. */
  readonly service: readonly Pick<
    LaneAnalysis,
    'lane' | 'errorBursts' | 'brownOuts' | 'worstWindows' | 'errorBudgets'
  >[]
  readonly recoveries: Analysis['recoveries']
  /** Ejection, readmission, failover, recovery and convergence, with what the settings predict. */
  readonly timings: Analysis['timings']
  readonly zones: Analysis['zones']
  /** What of the evidence was not saved, in a sentence each, though no verdict rests on it; absent where nothing is missing. */
  readonly unsaved?: readonly string[]
  /** Where callers ask for more than one route. */
  readonly routes?: Analysis['routes']
  readonly seed: number
  readonly stack: string
  /** ISO 8601. */
  readonly startedAt: string
}
