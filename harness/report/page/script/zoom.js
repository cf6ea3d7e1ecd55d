// The window of time in sight: the plots, the bars above and below them, and the slider keep to the same one.
// @ts-check
import { sayInstant, TIME_STEPS } from './axes.js'
import { elementIn, elementsIn } from './elements.js'
/** @import { View } from './view.ts' */

/**
 * Shows what lies between two instants.
 * @param {View} view
 * @param {number} from
 * @param {number} to
 */
export const show = (view, from, to) => {
  const { figure, slider, data, drawn } = view
  const [first, last] = [Math.max(0, from), Math.min(data.end, to)]
  view.shown = [first, last]
  figure.style.setProperty('--zoom-left', `${(-100 * first) / (last - first)}%`)
  figure.style.setProperty('--zoom-width', `${(100 * data.end) / (last - first)}%`)
  for (const { plot } of drawn) plot.setScale('x', { min: first, max: last })
  keepWordsInSight(figure)
  drawTicks(view)
  slider.min = String(Math.floor(first))
  slider.max = String(Math.ceil(last))
}

/** The words of a bar that begins left of the window move to the window's edge. */
const keepWordsInSight = (/** @type {HTMLElement} */ figure) => {
  for (const track of elementsIn(figure, '.track:not(.axis)', HTMLElement)) {
    const edge = track.getBoundingClientRect().left
    for (const bar of elementsIn(track, '.bar', HTMLElement)) {
      const words = elementIn(bar, 'span', HTMLElement)
      words.style.marginLeft = `${Math.max(0, edge - bar.getBoundingClientRect().left)}px`
    }
  }
}

/** The ticks of the axis under the bars. */
const drawTicks = (/** @type {View} */ { figure, data, shown: [from, to] }) => {
  const track = elementIn(figure, '.track.axis', HTMLElement)
  const every = TIME_STEPS.find((step) => ((to - from) / step) * 70 <= track.clientWidth) ?? to - from
  const ticks = []
  for (let at = Math.ceil(from / every) * every; at <= to; at += every) ticks.push(tickAt(at, data.end))
  elementIn(track, '.strip', HTMLElement).replaceChildren(...ticks)
}

/**
 * @param {number} at
 * @param {number} end
 */
const tickAt = (at, end) => {
  const tick = document.createElement('span')
  tick.className = 'tick'
  tick.style.left = `${(100 * at) / end}%`
  tick.textContent = sayInstant(at)
  return tick
}
