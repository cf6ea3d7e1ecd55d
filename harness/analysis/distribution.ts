// What many measured lengths say together: percentiles, each with the interval that holds the true one with 95 % confidence.

/** A percentile of a sample, and the interval for that of the population; null where the sample is too small to bound that side. */
export interface Percentile {
  readonly value: number
  readonly low: number | null
  readonly high: number | null
}

/** Lengths in ms. A censored one is longer than anything that was measured: Infinity. */
export interface Distribution {
  readonly n: number
  readonly p50: Percentile
  readonly p95: Percentile
  readonly max: number
}

const CONFIDENCE = 0.95

/** Throws RangeError on an empty sample. */
export const distributionOf = (lengths: readonly number[]): Distribution => {
  const sorted = lengths.toSorted((a, b) => a - b)
  const max = sorted.at(-1)
  if (max === undefined) throw new RangeError('a distribution needs at least one length')
  return { n: sorted.length, p50: percentileOf(sorted, 0.5), p95: percentileOf(sorted, 0.95), max }
}

/**
 * Between order statistics, whatever the lengths' own distribution is: of n lengths the number below the true percentile is
 * binomial, so the interval ends where its two tails hold 2.5 % each.
 */
const percentileOf = (sorted: readonly number[], share: number): Percentile => {
  const n = sorted.length
  const tail = (1 - CONFIDENCE) / 2
  let below = 0
  let low: number | null = null
  let high: number | null = null
  for (let k = 0; k <= n; k += 1) {
    const upTo = below + binomial(n, k, share)
    // P(fewer than k + 1 lie below) is still no more than the tail: the true one is not below the k + 1st length.
    if (upTo <= tail) low = sorted[k] ?? null
    if (high === null && upTo >= 1 - tail) high = sorted[k] ?? null
    below = upTo
  }
  return { value: sorted[Math.max(0, Math.ceil(share * n) - 1)] ?? Number.NaN, low, high }
}

/** Of n trials exactly k, by logarithms: factorials of a thousand are no numbers. */
const binomial = (n: number, k: number, p: number): number => {
  let log = k * Math.log(p) + (n - k) * Math.log(1 - p)
  for (let i = 1; i <= k; i += 1) log += Math.log(n - k + i) - Math.log(i)
  return Math.exp(log)
}
