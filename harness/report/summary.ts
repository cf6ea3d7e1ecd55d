// summary.json: a whole run in one file, and the types that every other report file is made from.
import type { Analysis } from '../analysis/analysis.ts'
import type { Demand } from '../history/event.ts'
import type { History } from '../history/history.ts'
import type { Verdict, VerdictOutcome } from '../verdict/verdict.ts'
import type { TimingDistribution } from './distributions.ts'

/** What played a run, or judged it. */
export interface Harness {
  readonly version: string
  readonly commit: string | null
  readonly node: string
}

/** Who judged a run again and came to something else than was told before. */
export interface JudgedBy extends Harness {
  /** SHA-256 of the summary.json that this one took the place of: it is kept in the run's folder `earlier`. */
  readonly supersedes: string
}

/** What made the run: enough to repeat it, nothing secret. */
export interface Provenance {
  readonly harness: Harness
  /** Absent where what the harness that played it said of it still stands. */
  readonly judgedBy?: JudgedBy
  /** Of what ran: image reference → image id. */
  readonly images: Readonly<Record<string, string>>
  /** By role, where an upgrade was played: what ran, and what was to take over. */
  readonly upgrades?: Readonly<Record<string, { readonly from: string; readonly to: string }>>
  readonly composeSha256: string
  readonly timings: string
  readonly lbCheck: string
  readonly machine: {
    readonly os: string
    readonly kernel: string
    readonly cpus: number
    /** In MiB. */
    readonly memoryMb: number
    readonly engine: string
  }
}

/** An earlier attempt at a scenario: inconclusive, and shown beside the one that counts. */
export interface Attempt {
  readonly name: string
  /** Relative to the run's folder. */
  readonly folder: string
  /** As it is judged now: it was inconclusive when it was set aside. */
  readonly outcome: VerdictOutcome
  readonly because: string
  /** Not the sensor's doubt alone: the deployment may be to blame, so the run does not pass whatever was played after. */
  readonly stays?: true
}

/** summary.json (DESIGN.md §7). */
export interface Summary {
  readonly schema: 'firedrill.summary/1'
  readonly run: string
  readonly outcome: VerdictOutcome
  readonly exitCode: 0 | 1 | 2 | 3
  readonly seed: number
  /** Where a suite has several deployments: each, with a comma between. */
  readonly stack: string
  /** Which suite was asked for. */
  readonly suite?: string
  /** A suite, or scenarios by name, were asked for: what of them does not apply to its deployment makes the run inconclusive. */
  readonly required?: true
  readonly defect?: string
  /** A team's own limits, by scenario, as they were given. */
  readonly objectives?: Readonly<Record<string, Demand>>
  /** ISO 8601. */
  readonly startedAt: string
  /** null where nobody wrote it down: the drill itself was ended before. */
  readonly tookMs: number | null
  readonly scenarios: readonly {
    readonly name: string
    readonly title: string
    readonly outcome: VerdictOutcome
    /** Relative to the run's folder. Its name, with the deployment and the repetition where there are several. */
    readonly folder: string
    /** What it was played on, where a run has several deployments. */
    readonly stack?: string
    /** Which of those it was, but for the first: several may be of one stack. */
    readonly part?: string
    /** Why it did not pass, in a sentence. */
    readonly because?: string
    readonly findings: Verdict['findings']
  }[]
  readonly skipped: readonly {
    readonly name: string
    readonly because: string
    /** It is not required, though what it belongs to is. */
    readonly optional?: true
  }[]
  /** Where scenarios were played more than once: how long things took, over all of them. Lengths that never ended are null. */
  readonly distributions?: readonly TimingDistribution[]
  /** What would not go when the run was over, in a sentence. Such a run never passes: whoever comes next finds it in the way. */
  readonly leftBehind?: string
  /** How Playwright ended, in words, where all that it played passed and it ended as if something had not. Such a run never passes. */
  readonly endedOddly?: string
  /** Why the run came to nothing, in a sentence: the machine or the request was at fault, and its exit code is 3. */
  readonly couldNotRun?: string
  /** Drills that proved nothing and were played again, oldest first; absent when there were none. Each has its folder. */
  readonly attempts?: readonly Attempt[]
  readonly provenance: Provenance
}

/** One scenario with all a page needs to tell it. */
export interface ScenarioReport {
  /** Relative to the run's folder. */
  readonly folder: string
  readonly verdict: Verdict
  readonly analysis: Analysis
  readonly history: History
}
