// What a sample can say of all: between which order statistics a percentile of all lies, whatever their distribution is.
import type { Histogram } from './analysis.ts'

/** Once in a hundred times chance alone may be behind what is concluded. */
export const CHANCE = 0.01

/**
 * The least k for which k or more of n are no likelier than `chance`, where each has the probability p in (0, 1); n + 1 where no k is so rare.
 * Of n lengths as many are above the true percentile q with p = 1 - q, and below it with p = q: so the kth from either end bounds it.
 * By logarithms: a power of a hundred thousand is no number.
 */
export const rareCount = (n: number, p: number, chance: number): number => {
  const odds = Math.log(p) - Math.log1p(-p)
  let log = n * Math.log1p(-p)
  let upTo = Math.exp(log)
  let k = 0
  for (; k < n && 1 - upTo > chance; k += 1) {
    log += Math.log(n - k) - Math.log(k + 1) + odds
    upTo += Math.exp(log)
  }
  return 1 - upTo > chance ? n + 1 : k + 1
}

/**
 * The least that the percentile `share` of all can be, ms, by a sample of them, with 99 % confidence. 0 where the
 * sample is too small to say.
 */
export const leastOfAll = ({ us, counts }: Pick<Histogram, 'us' | 'counts'>, share: number): number => {
  const n = counts.reduce((sum, each) => sum + each, 0)
  let left = rareCount(n, 1 - share, CHANCE)
  for (let i = us.length - 1; i >= 0; i -= 1) {
    left -= counts[i] ?? 0
    if (left <= 0) return (us[i] ?? 0) / 1000
  }
  return 0
}
