// Tables wider than the screen, which have to be reached with the keyboard to be scrolled.
// @ts-check
import { elementIn, elementsIn } from './elements.js'

/** Marks them, whenever the page or what is open in it changes. */
export const makeScrollable = () => {
  markScrollable()
  addEventListener('resize', markScrollable)
  document.addEventListener('toggle', markScrollable, true)
}

const markScrollable = () => {
  for (const box of elementsIn(document, '.scroll', HTMLElement)) {
    if (box.scrollWidth > box.clientWidth + 1) {
      box.tabIndex = 0
      box.setAttribute('role', 'region')
      box.setAttribute('aria-label', elementIn(box, 'caption', HTMLElement).textContent)
    } else {
      for (const name of ['tabindex', 'role', 'aria-label']) box.removeAttribute(name)
    }
  }
}
