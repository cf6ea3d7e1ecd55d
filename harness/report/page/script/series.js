// What is asked of any series of numbers.
// @ts-check

/**
 * The instants of its steps.
 * @param {{ readonly from: number, readonly step: number }} series
 * @param {number} count
 */
export const times = ({ from, step }, count) => Array.from({ length: count }, (_, i) => from + i * step)

/**
 * The least and the most of it; nothing of nothing. A list of a long run is too long for Math.max(...values).
 * @param {readonly number[]} values
 */
export const extremes = (values) => {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return values.length === 0 ? [] : [low, high]
}
