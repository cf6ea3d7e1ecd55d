// Faults on a chart: their shades under the curves, and their numbers over them.
// @ts-check
import { drawInside, fontOf, strokeLine, xOf } from './canvas.js'
import { color } from './stylesheet.js'
/** @import uPlot from 'uplot' */
/** @import { ChartData } from '../series-data.ts' */

/**
 * Solid while in effect, pale while taking effect or clearing, a line at each instant.
 * A node's own lane is shaded by the faults on it, and only marked by the others.
 * @param {ChartData} data
 * @param {string} [node]
 */
export const shadeFaults = (data, node) => (/** @type {uPlot} */ plot) =>
  drawInside(plot, () => {
    for (const fault of data.faults) {
      if (node === undefined || fault.targets.includes(node)) shadeStages(plot, fault, data.end)
      markInstants(plot, fault)
    }
  })

/**
 * @param {uPlot} plot
 * @param {ChartData['faults'][number]} fault
 * @param {number} end
 */
const shadeStages = (plot, { at: [intended, effect, healed, cleared] }, end) => {
  const over = healed ?? cleared ?? end
  if (effect !== null) shadeBand(plot, [effect, over], 0.2)
  shadeBand(plot, [intended, effect ?? over], 0.1)
  shadeBand(plot, [over, cleared ?? end], 0.1)
}

/**
 * @param {uPlot} plot
 * @param {readonly [from: number, to: number]} window
 * @param {number} alpha
 */
const shadeBand = (plot, [from, to], alpha) => {
  const { ctx, bbox } = plot
  const left = xOf(plot, from)
  ctx.globalAlpha = alpha
  ctx.fillStyle = color('effect')
  ctx.fillRect(left, bbox.top, Math.max(1, xOf(plot, to) - left), bbox.height)
}

/**
 * @param {uPlot} plot
 * @param {ChartData['faults'][number]} fault
 */
const markInstants = (plot, { at }) => {
  const { ctx, bbox } = plot
  ctx.globalAlpha = 0.75
  ctx.strokeStyle = color('effect')
  ctx.lineWidth = devicePixelRatio
  for (const instant of at.filter((each) => each !== null)) {
    const x = xOf(plot, instant)
    strokeLine(ctx, [x, bbox.top], [x, bbox.top + bbox.height])
  }
}

/**
 * The numbers of the faults, with a halo so that they can be read over the curves.
 * @param {ChartData} data
 */
export const nameFaults = (data) => (/** @type {uPlot} */ plot) =>
  drawInside(plot, (pen, area) => {
    pen.font = fontOf('600')
    pen.textAlign = 'left'
    pen.strokeStyle = color('paper')
    pen.fillStyle = color('ink')
    pen.lineWidth = 3 * devicePixelRatio
    for (const { label, at } of data.faults) {
      const left = xOf(plot, at[1] ?? at[0]) + 6 * devicePixelRatio
      const bottom = area.top + area.height - 6 * devicePixelRatio
      pen.strokeText(label, left, bottom)
      pen.fillText(label, left, bottom)
    }
  })
