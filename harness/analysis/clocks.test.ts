import { expect, test } from 'vitest'
import { clockErrorMs } from './clocks.ts'

const compared = (at: number, offsetMs: number) =>
  ({ kind: 'clock', at, sameKernel: false, offsetMs, errorMs: 0.2 }) as const

test('the error of a clock is that of the first comparison, and what it drifted since', () => {
  expect(clockErrorMs([compared(0, 10)])).toBe(0.2)
  expect(clockErrorMs([compared(0, 10), compared(60_000, 10.1)])).toBeCloseTo(0.5)
  expect(clockErrorMs([compared(0, 10), compared(60_000, 55)])).toBeCloseTo(45.4)
})
