// Rates as people write them: '400/s'.

/** So many a second. */
export type Rate = `${number}/s`

/** The same as a number. Throws RangeError on anything that is not a number above nought and '/s'. */
export const toRate = (rate: string): number => {
  const value = /^(\d+(?:\.\d+)?)\/s$/.exec(rate)?.[1]
  if (value !== undefined && Number(value) > 0) return Number(value)
  throw new RangeError(`'${rate}' is not a rate: expected a number above 0 and /s, as in '400/s'.`)
}
