// A moment of a lane in words: what its calls came to, how long they took, and who answered.
// @ts-check
import { sayMs } from '../../../time/say-ms.js'
/** @import { ChartData, LaneData } from '../series-data.ts' */

/**
 * '8.1 s, lane new: 19 answered, 2 wrong; p50 3.1 ms, p99 12 ms, max 14 ms. Answered by data-plane-1 7, data-plane-2 12.'
 * @param {ChartData} data
 * @param {LaneData} lane
 * @param {number} at
 */
export const sayMoment = ({ outcomes, nodes }, lane, at) => {
  const step = Math.floor((at - lane.from) / lane.step)
  const from = ((lane.from + step * lane.step) / 1000).toFixed(1)
  const answered = nodes.map((node) => `${node.name} ${node.answered[Math.floor((at - node.from) / node.step)] ?? 0}`)
  return `${from} s, lane ${lane.name}: ${sayCounts(outcomes, lane, step)}; ${sayLatency(lane, step)}. Answered by ${answered.join(', ') || 'nobody known'}.`
}

/**
 * @param {ChartData['outcomes']} outcomes
 * @param {LaneData} lane
 * @param {number} step
 */
const sayCounts = (outcomes, { counts }, step) =>
  outcomes
    .map((outcome) => ({ outcome, count: counts[outcome][step] ?? 0 }))
    .filter(({ outcome, count }) => outcome === 'answered' || count > 0)
    .map(({ outcome, count }) => `${count} ${outcome}`)
    .join(', ')

/**
 * @param {LaneData} lane
 * @param {number} step
 */
const sayLatency = ({ latency }, step) => {
  const said = Object.entries(latency).flatMap(([name, values]) => {
    const value = values[step] ?? null
    return value === null ? [] : [`${name} ${sayMs(value)}`]
  })
  return said.join(', ') || 'no answer'
}
