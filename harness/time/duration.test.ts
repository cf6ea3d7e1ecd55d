import { describe, expect, test } from 'vitest'
import { sayApart, sayMs } from './duration.ts'

describe('a length for people', () => {
  test.each([
    [0.4, '0.40 ms'],
    [0.994, '0.99 ms'],
    [0.996, '1.0 ms'],
    [9.94, '9.9 ms'],
    [9.96, '10 ms'],
    [999.4, '999 ms'],
    [999.6, '1.0 s'],
    [59_940, '59.9 s'],
    [59_960, '60.0 s'],
    [119_940, '119.9 s'],
    [119_960, '2 min 0 s'],
    [179_400, '2 min 59 s'],
    [179_700, '3 min 0 s'],
    [3_599_600, '60 min 0 s'],
    [-179_700, '-3 min 0 s'],
    [Number.POSITIVE_INFINITY, 'unknown'],
  ])('%d ms is %s', (ms, said) => {
    expect(sayMs(ms)).toBe(said)
  })
})

describe('two lengths that are held against each other', () => {
  test.each([
    [250.4, 250, ['250.4 ms', '250.0 ms']],
    [250.004, 250, ['250.004 ms', '250.000 ms']],
    [999.96, 1000, ['999.96 ms', '1.000 s']],
    [5032, 5000, ['5.03 s', '5.00 s']],
    [0.004, 0, ['0.004 ms', '0.000 ms']],
    [180_300, 180_000, ['3 min 0.3 s', '3 min 0.0 s']],
  ])('%d and %d ms have as many digits as tell them apart', (value, limit, said) => {
    expect(sayApart(value, limit)).toEqual(said)
  })

  test('have no more than ever where they read differently, or are the same', () => {
    expect(sayApart(312, 250)).toEqual(['312 ms', '250 ms'])
    expect(sayApart(250, 250)).toEqual(['250 ms', '250 ms'])
  })
})
