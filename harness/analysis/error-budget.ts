// Error budgets: how much of a month's allowance of bad time a lane's lost calls used up, and how fast they burned it.
import type { ErrorBudget, PhaseName } from './analysis.ts'

/** The promises a budget is worked out for: shares of calls answered. */
const PROMISES = [0.999, 0.9999] as const

/** What a budget lasts for. */
const MONTH_MS = 30 * 24 * 3600 * 1000

/** What the calls of one phase came to. */
export interface PhaseLoss {
  readonly phase: PhaseName
  readonly lost: number
  /** The time that they stand for: lost / rate, as the rate was then. */
  readonly lostMs: number
  /** Lost or answered. */
  readonly of: number
}

/**
 * Bad time is lost calls / rate; used is its share of the 2,592 s, at 99.9 %, that 30 days allow; the burn rate of a phase is its
 * failing share / (1 - promise), where 14.4 for an hour is what somebody is called out of bed for: measurement.md §7.
 */
export const errorBudgets = (phases: readonly PhaseLoss[]): readonly ErrorBudget[] => {
  const badMs = phases.reduce((sum, { lostMs }) => sum + lostMs, 0)
  return PROMISES.map((promised) => {
    const burnRate = (name: PhaseName): number | null => {
      const phase = phases.find((each) => each.phase === name)
      return phase && phase.of > 0 ? phase.lost / phase.of / (1 - promised) : null
    }
    return {
      promised,
      badMs,
      used: badMs / ((1 - promised) * MONTH_MS),
      burnRate: { steady: burnRate('steady'), disturbed: burnRate('disturbed'), recovered: burnRate('recovered') },
    }
  })
}
