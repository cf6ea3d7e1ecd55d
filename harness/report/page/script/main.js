// Draws each scenario's curves with uPlot and keeps them, the bars and the slider on one time axis. The page is readable without it.
// @ts-check
import { elementIn, elementsIn } from './elements.js'
import { drawFigure } from './figure.js'
import { canPlot } from './plot.js'
import { makeScrollable } from './scrollable.js'

/** @import { ChartData } from '../series-data.ts' */

/** @returns {Promise<ChartData[]>} */
const unpack = async (/** @type {string} */ base64) => {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))
  return JSON.parse(await new Response(stream).text())
}

const drawFigures = async () => {
  const scenarios = await unpack(elementIn(document, '#charts', HTMLElement).textContent)
  const { classList } = document.documentElement
  classList.add('js')
  const redraws = elementsIn(document, '.timeline', HTMLElement).flatMap((figure) => {
    const data = scenarios[Number(figure.dataset.scenario)]
    return data ? [drawFigure(figure, data)] : []
  })
  const again = (/** @type {number | undefined} */ width) => {
    for (const redraw of redraws) redraw(width)
  }
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => again(undefined))
  addEventListener('beforeprint', () => again(640))
  addEventListener('afterprint', () => again(undefined))
  classList.add('drawn')
}

makeScrollable()
for (const button of elementsIn(document, '[data-print]', HTMLElement)) button.addEventListener('click', () => print())
if (typeof DecompressionStream !== 'undefined' && canPlot()) await drawFigures()
