// What the charts take from the stylesheet, at the moment that they are drawn: its colours are others in the dark.
// @ts-check

const propertyOf = (/** @type {string} */ name) =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()

/** The colour of that name. */
export const color = (/** @type {string} */ name) => propertyOf(name)

/** The room beside the curves, px. */
export const gutter = (/** @type {'left' | 'right'} */ side) => Number.parseFloat(propertyOf(`gutter-${side}`))
