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

/** ms for people: three significant figures below a second, tenths of a second above it. */
export const sayMs = (valueMs: number): string => {
  if (!Number.isFinite(valueMs)) return 'unknown'
  if (Math.abs(valueMs) < 1) return `${valueMs.toFixed(2)} ms`
  if (Math.abs(valueMs) < 10) return `${valueMs.toFixed(1)} ms`
  if (Math.abs(valueMs) < 1000) return `${valueMs.toFixed(0)} ms`
  if (Math.abs(valueMs) < 120_000) return `${(valueMs / 1000).toFixed(1)} s`
  return `${Math.floor(valueMs / 60_000)} min ${((valueMs % 60_000) / 1000).toFixed(0)} s`
}
