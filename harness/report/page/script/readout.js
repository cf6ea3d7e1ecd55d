// The moment that is pointed at, by pointer or with the slider: a line across the figure, and the words under it.
// @ts-check
import { elementIn, elementsIn } from './elements.js'
import { sayMoment } from './moment.js'
import { gutter } from './stylesheet.js'
/** @import uPlot from 'uplot' */
/** @import { View } from './view.ts' */

/**
 * Has the slider move the cursor, and gives what follows the cursor.
 * @param {View} view
 */
export const readMoments = (view) => {
  const { figure, slider, drawn } = view
  const readout = elementIn(figure, '.readout', HTMLElement)
  let isSliding = false

  slider.addEventListener('input', () => {
    const [first] = drawn
    if (!first) return
    isSliding = true
    first.plot.setCursor({ left: first.plot.valToPos(Number(slider.value), 'x'), top: 20 })
    isSliding = false
    slider.setAttribute('aria-valuetext', readout.textContent)
  })

  return (/** @type {uPlot} */ plot) => {
    const { left = -1 } = plot.cursor
    moveLines(figure, left)
    if (left < 0) return
    const at = plot.posToVal(left, 'x')
    // The slider leads where it was moved itself: a pixel may be longer than its step.
    const moment = isSliding ? Number(slider.value) : at
    if (!isSliding) slider.value = String(at)
    readout.textContent = sayMoment(view.data, view.lane, moment)
  }
}

/**
 * The bars have lines of their own, where the plots have theirs.
 * @param {HTMLElement} figure
 * @param {number} left
 */
const moveLines = (figure, left) => {
  for (const { style } of elementsIn(figure, '.cursor', HTMLElement)) {
    style.display = left < 0 ? 'none' : 'block'
    style.left = `${gutter('left') + left}px`
  }
}
