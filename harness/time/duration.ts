// Durations as people write them ('250ms', '30s') and as reports print them.
import ms from 'ms'

/** A length of time with its unit: '250ms', '30s', '2m', '1h'. */
export type Duration = `${number}ms` | `${number}s` | `${number}m` | `${number}h`

/** The same in ms. Throws RangeError on anything that is not a number with one of the four units, or is negative. */
export const toMs = (duration: string): number => {
  const value = /^\d+(\.\d+)?(ms|s|m|h)$/.test(duration) ? ms(duration as ms.StringValue) : undefined
  if (value === undefined) {
    throw new RangeError(`'${duration}' is not a duration: expected a number and one of ms, s, m, h, as in '250ms'.`)
  }
  return value
}

/** How a length is said, from the shortest on: in which unit, with how many decimals, and up to where. */
const MANNERS = [
  { unit: 'ms', unitMs: 1, decimals: 2, belowMs: 1 },
  { unit: 'ms', unitMs: 1, decimals: 1, belowMs: 10 },
  { unit: 'ms', unitMs: 1, decimals: 0, belowMs: 1000 },
  { unit: 's', unitMs: 1000, decimals: 1, belowMs: 120_000 },
] as const

/** ms for people: three significant figures below a second, tenths of a second above it; with `more` decimals where those are not enough. */
export const sayMs = (valueMs: number, more = 0): string => {
  if (!Number.isFinite(valueMs)) return 'unknown'
  // Rounded first: 999.6 ms are no '1000 ms', and 179.7 s no '2 min 60 s'.
  const rounded = (unitMs: number, decimals: number): number =>
    Number((Math.abs(valueMs) / unitMs).toFixed(decimals + more))
  const manner = MANNERS.find(({ unitMs, decimals, belowMs }) => rounded(unitMs, decimals) * unitMs < belowMs)
  if (manner) return `${(valueMs / manner.unitMs).toFixed(manner.decimals + more)} ${manner.unit}`
  const seconds = rounded(1000, 0)
  return `${valueMs < 0 ? '-' : ''}${Math.floor(seconds / 60)} min ${(seconds % 60).toFixed(more)} s`
}

/** Below that two numbers are the same to anybody. */
const MOST_MORE = 6

/** A number and the one that it is held against, with as many digits as tell them apart: '250.4 ms' and '250.0 ms'. */
export const sayApart = (
  value: number,
  against: number,
  say: (value: number, more: number) => string = sayMs,
): readonly [value: string, against: string] => {
  for (let more = 0; more <= MOST_MORE; more += 1) {
    const said = [say(value, more), say(against, more)] as const
    if (said[0] !== said[1]) return said
  }
  return [say(value, 0), say(against, 0)]
}
