// How much of what takes long is proven: a fixed sample, which `npm test` has the time for, or all of it.

/** `npm test -- --all` sets it. */
export const isWhole = process.env.FIREDRILL_PROOFS === 'all'

/** What is played in any case, and what only when all is. */
export const sampled = <T>(always: readonly T[], beyond: readonly T[]): readonly T[] =>
  isWhole ? [...always, ...beyond] : always
