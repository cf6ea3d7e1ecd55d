// The curves of a lane's latency on a log scale, with faults, outages and the limit.
// @ts-check
import { sayRound, valueAxis } from './axes.js'
import { nameFaults, shadeFaults } from './faults.js'
import { lineOutages, tintOutages } from './outages.js'
import { markLimit } from './p99-limit.js'
import { curve } from './plot.js'
import { extremes, times } from './series.js'
import { color } from './stylesheet.js'

/** @import uPlot from 'uplot' */
/** @import { ChartData, LaneData } from '../series-data.ts' */
/** @import { Chart, View } from './view.ts' */

/**
 * The most important on top.
 * @type {readonly { readonly name: keyof LaneData['latency'], readonly look: uPlot.Series }[]}
 */
const CURVES = [
  { name: 'max', look: { dash: [2, 3], width: 1.4 } },
  { name: 'p99', look: { dash: [6, 3] } },
  { name: 'p50', look: {} },
]

/**
 * @param {View} view
 * @param {(plot: uPlot) => void} follow
 * @returns {Chart}
 */
export const latencyChart = (view, follow) => {
  const range = rangeOf(view.data)
  return {
    name: 'latency',
    place: '[data-chart=latency]',
    height: 200,
    isLast: false,
    scale: { distr: 3, range: () => range },
    axis: valueAxis({
      values: (_, splits) => splits.map((ms) => (ms === null ? '' : sayRound(ms))),
      filter: decades,
      grid: { stroke: () => color('rule'), width: 1, filter: decades },
      ticks: { show: false },
    }),
    series: CURVES.map(({ name, look }) => ({ ...curve(), label: name, stroke: () => color(name), ...look })),
    valuesIn: (lane) => [times(lane, lane.latency.max.length), ...CURVES.map(({ name }) => lane.latency[name])],
    hooks: {
      drawClear: [shadeFaults(view.data)],
      draw: [lineOutages(view), tintOutages(view), nameFaults(view.data), markLimit(view.data)],
      setCursor: [follow],
    },
  }
}

/**
 * Whole decades that hold every latency of every lane, and the limit.
 * @param {ChartData} data
 * @returns {[low: number, high: number]}
 */
const rangeOf = ({ lanes, p99Limit }) => {
  const known = lanes
    .flatMap(({ latency }) => Object.values(latency).flat())
    .filter((value) => value !== null)
    .filter((value) => value > 0)
  const low = Math.min(1, ...extremes(known))
  const high = Math.max(10, p99Limit?.ms ?? 0, ...extremes(known)) * 1.05
  return [10 ** Math.floor(Math.log10(low)), 10 ** Math.ceil(Math.log10(high))]
}

/** @type {uPlot.Axis.Filter} */
const decades = (_, splits) => splits.map((value) => (Math.abs(Math.log10(value) % 1) < 1e-6 ? value : null))
