// The columns of a lane's calls by outcome.
// @ts-check
import { valueAxis } from './axes.js'
import { shadeFaults } from './faults.js'
import { lineOutages } from './outages.js'
import { columns } from './plot.js'
import { extremes, times } from './series.js'
import { stacked } from './stack.js'
import { color } from './stylesheet.js'
/** @import uPlot from 'uplot' */
/** @import { Outcome } from '../../../history/call.ts' */
/** @import { Chart, View } from './view.ts' */

/**
 * @param {View} view
 * @returns {Chart}
 */
export const outcomeChart = (view) => {
  const { outcomes, lanes, nodes } = view.data
  const most = Math.max(1, ...lanes.flatMap(({ counts }) => extremes(stacked(outcomes, counts)[0] ?? [])))
  return {
    name: 'outcomes',
    place: '[data-chart=outcomes]',
    height: 130,
    isLast: nodes.length === 0,
    scale: { range: () => [0, most * 1.05] },
    axis: valueAxis({ incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000], space: 28 }),
    series: outcomes.map((outcome) => ({ ...columns(), label: outcome, fill: (plot) => fillOf(plot, outcome) })),
    valuesIn: (lane) => [times(lane, lane.counts.answered.length), ...stacked(outcomes, lane.counts)],
    hooks: { drawClear: [shadeFaults(view.data)], draw: [lineOutages(view)] },
  }
}

/**
 * @param {uPlot} plot
 * @param {Outcome} outcome
 */
const fillOf = (plot, outcome) => {
  if (outcome === 'unsent') return 'transparent'
  return (outcome === 'refused' && hatched(plot, color(outcome))) || color(outcome)
}

/**
 * @param {uPlot} plot
 * @param {string} hatching
 */
const hatched = ({ ctx }, hatching) => {
  const tile = document.createElement('canvas')
  tile.width = tile.height = 6
  const pen = tile.getContext('2d')
  if (!pen) return null
  pen.strokeStyle = hatching
  pen.lineWidth = 3
  pen.beginPath()
  for (const shift of [-6, 0, 6]) {
    pen.moveTo(shift, 6)
    pen.lineTo(shift + 6, 0)
  }
  pen.stroke()
  return ctx.createPattern(tile, 'repeat')
}
