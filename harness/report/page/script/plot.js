// A chart as uPlot draws it. The page has uPlot in a script of its own before this one.
// @ts-check
import uPlot from 'uplot'
import { timeAxis } from './axes.js'
import { elementIn } from './elements.js'
import { gutter } from './stylesheet.js'
import { show } from './zoom.js'
/** @import { Chart, View } from './view.ts' */

/** Whether uPlot is there: a browser that is too old for it has the bars and the tables. */
export const canPlot = () => typeof uPlot !== 'undefined'

const paths = () => /** @type {Required<uPlot.Series.PathBuilderFactories>} */ (uPlot.paths)

/** A series of columns without a gap. */
export const columns = () => ({
  paths: paths().bars({ size: [1], align: 1, gap: 0 }),
  points: { show: false },
  width: 0,
})

/** A series of steps. */
export const steps = () => ({ paths: paths().stepped({ align: 1 }), points: { show: false }, width: 1 })

/** A series of a line. */
export const curve = () => ({ points: { show: false }, width: 1.6 })

/**
 * Draws a chart into its place in the figure.
 * @param {View} view
 * @param {Chart} chart
 */
export const plotOf = (view, chart) =>
  new uPlot(
    optionsOf(view, chart),
    /** @type {uPlot.AlignedData} */ (chart.valuesIn(view.lane)),
    elementIn(view.figure, chart.place, HTMLElement),
  )

/**
 * @param {View} view
 * @param {Chart} chart
 * @returns {uPlot.Options}
 */
const optionsOf = (view, { height, isLast, scale, axis, series, hooks }) => ({
  width: view.figure.clientWidth,
  height,
  padding: [8, gutter('right'), isLast ? 0 : 7, 0],
  legend: { show: false },
  scales: { x: { time: false }, y: scale },
  axes: [timeAxis(isLast), axis],
  series: [{}, ...series],
  cursor: cursorOf(view),
  hooks: { ...hooks, setSelect: [(plot) => showSelected(view, plot)] },
})

/**
 * One cursor for all plots of a figure. What is dragged across is looked at closer, and a double click goes back.
 * @param {View} view
 * @returns {uPlot.Cursor}
 */
const cursorOf = (view) => ({
  y: false,
  points: { show: false },
  drag: { x: true, y: false, setScale: false },
  sync: { key: `scenario-${view.figure.dataset.scenario}`, setSeries: false },
  bind: {
    dblclick: () => () => {
      show(view, 0, view.data.end)
      return null
    },
  },
})

/**
 * @param {View} view
 * @param {uPlot} plot
 */
const showSelected = (view, plot) => {
  const { left, width } = plot.select
  if (width < 4) return
  const [from, to] = [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')]
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
  show(view, from, to)
}
