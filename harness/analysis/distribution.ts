// What many measured lengths say together: percentiles, each with the interval that holds the true one with 95 % confidence.
import { rareCount } from './sample.ts'

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

/** The interval ends at the lengths beyond which a tail of 2.5 % each lies. */
const percentileOf = (sorted: readonly number[], share: number): Percentile => {
  const n = sorted.length
  const tail = (1 - CONFIDENCE) / 2
  return {
    value: sorted[Math.max(0, Math.ceil(share * n) - 1)] ?? Number.NaN,
    low: sorted[n - rareCount(n, 1 - share, tail)] ?? null,
    high: sorted[rareCount(n, share, tail) - 1] ?? null,
  }
}
