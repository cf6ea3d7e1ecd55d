// Durations as people write them ('250ms', '30s') and as reports print them.
import ms from 'ms'
import { sayMs } from './say-ms.js'

export { sayMs }

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
