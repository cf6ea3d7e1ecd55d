// A node's own lane: what it answered as steps, and what was lost at it as columns.
// @ts-check
import { valueAxis } from './axes.js'
import { shadeFaults } from './faults.js'
import { columns, steps } from './plot.js'
import { extremes, times } from './series.js'
import { color } from './stylesheet.js'
/** @import { NodeData } from '../series-data.ts' */
/** @import { Chart, View } from './view.ts' */

/**
 * @param {View} view
 * @param {NodeData} node
 * @param {number} number
 * @returns {Chart}
 */
export const nodeChart = ({ data }, node, number) => {
  const busiest = Math.max(1, ...data.nodes.flatMap(({ answered }) => extremes(answered)))
  const isLast = number === data.nodes.length - 1
  return {
    name: String(number),
    place: `[data-node="${number}"]`,
    height: isLast ? 76 : 57,
    isLast,
    scale: { range: () => [0, busiest * 1.1] },
    axis: valueAxis({
      values: (_, splits) => splits.map((count) => (count === 0 || count === splits.at(-1) ? count : '')),
      space: 14,
    }),
    series: [
      { ...steps(), stroke: () => color('p50'), fill: () => color('answered') },
      { ...columns(), fill: () => color('wrong') },
    ],
    valuesIn: () => [times(node, node.answered.length), node.answered, node.lost],
    hooks: { drawClear: [shadeFaults(data, node.name)] },
  }
}
