// Real time for the callers' container: while a sending thread waits for a processor nobody looks, and what happened meanwhile is in doubt.
import type { HeldPlan } from './held-container.ts'

/** µs of a second: the kernel hands out 950,000 in all, and what groups ask for beyond that is refused. */
const ALL_US = 900_000

/** A budget that is used up stops the callers for the rest of the second. They take up to 400 ms of one: with less than this they go among all others. */
const LEAST_US = 450_000

/**
 * Holds a container that may go ahead of ordinary programs. Where the kernel counts real time by control group it needs a budget as
 * it is created; `among` containers share what there is. An engine that refuses that is asked without it, and the program inside
 * finds out whether it may: it says so in its log, and runs in either case.
 */
export const holdAhead = async <T>(
  plan: HeldPlan,
  { among, hold }: { readonly among: number; readonly hold: (plan: HeldPlan) => Promise<T> },
): Promise<T> => {
  const realTimeUs = Math.floor(ALL_US / among)
  if (realTimeUs < LEAST_US) return hold(plan)
  const ahead = { ...plan, mayGoAhead: true }
  // What is wrong with the plan itself is said by the second attempt.
  return hold({ ...ahead, realTimeUs }).catch(() => hold(ahead))
}
