// The outages of the lane that is shown, over its curves and its columns.
// @ts-check
import { drawInside, xOf } from './canvas.js'
import { color } from './stylesheet.js'
/** @import uPlot from 'uplot' */
/** @import { LaneData } from '../series-data.ts' */
/** @import { View } from './view.ts' */

/** A line for each on the upper edge, a thick one for a full outage. */
export const lineOutages = (/** @type {View} */ view) => (/** @type {uPlot} */ plot) =>
  drawInside(plot, (pen, { top }) => {
    for (const outage of view.lane.outages) {
      const { left, width } = spanOf(plot, outage)
      pen.fillStyle = color('outage')
      pen.fillRect(left, top, width, (outage.kind === 'full' ? 6 : 3) * devicePixelRatio)
    }
  })

/** A tint for each. Columns must keep their colours, so it is for the curves alone. */
export const tintOutages = (/** @type {View} */ view) => (/** @type {uPlot} */ plot) =>
  drawInside(plot, (pen, { top, height }) => {
    for (const outage of view.lane.outages) {
      const { left, width } = spanOf(plot, outage)
      pen.globalAlpha = outage.kind === 'full' ? 0.5 : 0.12
      pen.fillStyle = color('outage')
      pen.fillRect(left, top, width, height)
    }
  })

/**
 * Never too narrow to be seen.
 * @param {uPlot} plot
 * @param {LaneData['outages'][number]} outage
 */
const spanOf = (plot, { from, to }) => {
  const left = xOf(plot, from)
  return { left, width: Math.max(3 * devicePixelRatio, xOf(plot, to) - left) }
}
