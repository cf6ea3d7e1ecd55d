// Rates as people write them: '400/s', or '3x' of what is usual.

/** So many a second, or so many times what is usual. */
export type Rate = `${number}/s` | `${number}x`

/** The same as a number a second, where `usual` a second are. Throws RangeError on anything that is not a number above nought and '/s' or 'x'. */
export const toRate = (rate: string, usual: number): number => {
  const [, value, unit] = /^(\d+(?:\.\d+)?)(\/s|x)$/.exec(rate) ?? []
  if (value !== undefined && Number(value) > 0) return unit === 'x' ? Number(value) * usual : Number(value)
  throw new RangeError(`'${rate}' is not a rate: expected a number above 0 and /s or x, as in '400/s' or '3x'.`)
}
