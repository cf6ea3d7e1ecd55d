// How a length of time is said, wherever one is: plain JavaScript, because the report's page carries it too.
// @ts-check

/** How a length is said, from the shortest on: in which unit, with how many decimals, and up to where. */
const MANNERS = [
  { unit: 'ms', unitMs: 1, decimals: 2, belowMs: 1 },
  { unit: 'ms', unitMs: 1, decimals: 1, belowMs: 10 },
  { unit: 'ms', unitMs: 1, decimals: 0, belowMs: 1000 },
  { unit: 's', unitMs: 1000, decimals: 1, belowMs: 120_000 },
]

/**
 * ms for people: three significant figures below a second, tenths of a second above it; with `more` decimals where those are not enough.
 * @param {number} valueMs
 * @returns {string}
 */
export const sayMs = (valueMs, more = 0) => {
  if (!Number.isFinite(valueMs)) return 'unknown'
  // Rounded first: 999.6 ms are no '1000 ms', and 179.7 s no '2 min 60 s'.
  const rounded = (/** @type {number} */ unitMs, /** @type {number} */ decimals) =>
    Number((Math.abs(valueMs) / unitMs).toFixed(decimals + more))
  const manner = MANNERS.find(({ unitMs, decimals, belowMs }) => rounded(unitMs, decimals) * unitMs < belowMs)
  if (manner) return `${(valueMs / manner.unitMs).toFixed(manner.decimals + more)} ${manner.unit}`
  const seconds = rounded(1000, 0)
  return `${valueMs < 0 ? '-' : ''}${Math.floor(seconds / 60)} min ${(seconds % 60).toFixed(more)} s`
}
