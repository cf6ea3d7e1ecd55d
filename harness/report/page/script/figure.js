// The figure of a scenario: its charts, and what somebody can choose to see in them.
// @ts-check
import { elementIn, elementsIn } from './elements.js'
import { latencyChart } from './latency-chart.js'
import { nodeChart } from './node-chart.js'
import { outcomeChart } from './outcome-chart.js'
import { plotOf } from './plot.js'
import { readMoments } from './readout.js'
import { show } from './zoom.js'
/** @import uPlot from 'uplot' */
/** @import { ChartData, LaneData } from '../series-data.ts' */
/** @import { Chart, View } from './view.ts' */

/**
 * Draws it, and gives what draws it again in another width.
 * @param {HTMLElement} figure
 * @param {ChartData} data
 */
export const drawFigure = (figure, data) => {
  const slider = elementIn(figure, 'input[type=range]', HTMLInputElement)
  const [lane = NO_LANE] = data.lanes
  /** @type {View} */
  const view = { figure, slider, data, drawn: [], lane, shown: [0, data.end] }
  // Kept on the figure, where a console or a test can look at what is drawn.
  Object.assign(figure, { plots: view.drawn })
  for (const chart of chartsOf(view)) view.drawn.push({ ...chart, plot: plotOf(view, chart) })
  offerLanes(view)
  offerWindows(view)
  keepToWidth(view)
  show(view, 0, data.end)
  return (/** @type {number | undefined} */ width) => fit(view, width)
}

/** @type {LaneData} */
const NO_LANE = {
  name: '',
  from: 0,
  step: 100,
  counts: { answered: [], wrong: [], refused: [], unanswered: [], unsent: [] },
  latency: { p50: [], p99: [], max: [] },
  outages: [],
}

/**
 * @param {View} view
 * @returns {Chart[]}
 */
const chartsOf = (view) => {
  const { lanes, nodes } = view.data
  const follow = readMoments(view)
  const ofLanes = lanes.length > 0 ? [latencyChart(view, follow), outcomeChart(view)] : []
  return [...ofLanes, ...nodes.map((node, number) => nodeChart(view, node, number))]
}

const offerLanes = (/** @type {View} */ view) => {
  const { figure, data, drawn } = view
  for (const choice of elementsIn(figure, 'input[type=radio]', HTMLInputElement)) {
    choice.addEventListener('change', () => {
      view.lane = data.lanes[Number(choice.value)] ?? NO_LANE
      for (const name of elementsIn(figure, '[data-lane]', HTMLElement)) name.textContent = view.lane.name
      for (const { plot, valuesIn } of drawn) plot.setData(/** @type {uPlot.AlignedData} */ (valuesIn(view.lane)))
      show(view, ...view.shown)
    })
  }
}

const offerWindows = (/** @type {View} */ view) => {
  const { end, around } = view.data
  for (const button of elementsIn(view.figure, '[data-window]', HTMLElement)) {
    const [from, to] = (button.dataset.window === 'around' && around) || [0, end]
    button.addEventListener('click', () => show(view, from, to))
  }
}

const keepToWidth = (/** @type {View} */ view) => {
  let before = view.figure.clientWidth
  new ResizeObserver(() => {
    if (view.figure.clientWidth === before) return
    before = view.figure.clientWidth
    fit(view)
  }).observe(view.figure)
}

/**
 * @param {View} view
 * @param {number} [width]
 */
const fit = (view, width = view.figure.clientWidth) => {
  for (const { plot, height } of view.drawn) plot.setSize({ width, height })
  show(view, ...view.shown)
}
