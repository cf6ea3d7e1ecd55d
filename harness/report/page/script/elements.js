// Elements of the page, which our own markup has put there.
// @ts-check

/**
 * The one that is there.
 * @template {Element} T
 * @param {ParentNode} within
 * @param {string} selector
 * @param {new () => T} kind
 * @returns {T}
 */
export const elementIn = (within, selector, kind) => {
  const found = within.querySelector(selector)
  if (found instanceof kind) return found
  throw new TypeError(`The page has no '${selector}' where one is expected.`)
}

/**
 * All that there are.
 * @template {Element} T
 * @param {ParentNode} within
 * @param {string} selector
 * @param {new () => T} kind
 * @returns {T[]}
 */
export const elementsIn = (within, selector, kind) =>
  [...within.querySelectorAll(selector)].flatMap((each) => (each instanceof kind ? [each] : []))
