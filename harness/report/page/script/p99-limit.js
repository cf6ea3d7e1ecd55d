// The limit on p99, as a line over the curves.
// @ts-check
import { drawInside, fontOf, strokeLine } from './canvas.js'
import { color } from './stylesheet.js'
/** @import uPlot from 'uplot' */
/** @import { ChartData } from '../series-data.ts' */

/** Draws nothing where no limit in ms was demanded. */
export const markLimit =
  (/** @type {ChartData} */ { p99Limit }) =>
  (/** @type {uPlot} */ plot) => {
    if (p99Limit === null) return
    drawInside(plot, (pen, { left, width }) => {
      const right = left + width
      const y = plot.valToPos(p99Limit.ms, 'y', true)
      pen.strokeStyle = color('p99')
      pen.fillStyle = color('p99')
      pen.lineWidth = devicePixelRatio
      strokeLine(pen, [left, y], [right, y])
      pen.font = fontOf()
      pen.textAlign = 'right'
      pen.fillText(`p99 limit ${p99Limit.said}`, right - 4 * devicePixelRatio, y - 4 * devicePixelRatio)
    })
  }
