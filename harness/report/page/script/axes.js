// The axes of a chart, and what their ticks say.
// @ts-check
import { sayMs } from '../../../time/say-ms.js'
import { color, gutter } from './stylesheet.js'
/** @import uPlot from 'uplot' */

/** How far apart the ticks of a time axis may be, ms. */
export const TIME_STEPS = [
  10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000,
  3_600_000,
]

/** An instant on a time axis: '2.5 s'. */
export const sayInstant = (/** @type {number} */ at) => `${Number((at / 1000).toFixed(2))} s`

/** A round length on an axis: '1 ms' and '0.1 ms', without the zeros of one that was measured. */
export const sayRound = (/** @type {number} */ ms) =>
  sayMs(ms).replace(/\.\d+/, (decimals) => decimals.replace(/\.?0+$/, ''))

const axis = (/** @type {uPlot.Axis} */ over) => ({
  stroke: () => color('soft'),
  font: '11.5px system-ui, sans-serif',
  grid: { stroke: () => color('rule'), width: 1 },
  ticks: { stroke: () => color('rule'), width: 1, size: 4 },
  ...over,
})

/**
 * The axis of time, whose grid is drawn though its ticks are not.
 * @returns {uPlot.Axis}
 */
export const timeAxis = (/** @type {boolean} */ isShown) =>
  axis({
    size: isShown ? 26 : 0,
    gap: 3,
    values: (_, splits) => splits.map((at) => (isShown ? sayInstant(at) : '')),
    ticks: { show: isShown, stroke: () => color('strong-rule'), size: 4 },
    incrs: TIME_STEPS,
    space: 64,
  })

/**
 * The axis of what was measured.
 * @returns {uPlot.Axis}
 */
export const valueAxis = (/** @type {uPlot.Axis} */ over) => axis({ size: gutter('left'), gap: 4, ...over })
