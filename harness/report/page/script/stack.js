// The columns of the outcomes, stacked.
// @ts-check
/** @import { ChartData, LaneData } from '../series-data.ts' */

/**
 * For each outcome how high its column reaches: from the ground up with the losses first, so that one lost call is not hidden on top of twenty answers.
 * @param {ChartData['outcomes']} outcomes
 * @param {LaneData['counts']} counts
 */
export const stacked = (outcomes, counts) => {
  /** @type {number[][]} */
  const heights = []
  for (const outcome of outcomes.toReversed()) {
    const below = heights.at(-1)
    heights.push(counts[outcome].map((count, i) => count + (below?.[i] ?? 0)))
  }
  return heights.reverse()
}
