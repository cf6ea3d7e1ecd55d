import { describe, expect, test } from 'vitest'
import { analyse } from '../analysis/analyse.ts'
import { historyOf } from '../analysis/history.fixture.ts'
import { sayBounded, sayWhen } from './say.ts'

describe('a length', () => {
  test.each([
    ['with bounds that say more than it does', { point: 512, min: 498, max: 521 }, '512 ms (498 ms to 521 ms)'],
    ['without those that read alike', { point: 1420, min: 1401, max: 1449 }, '1.4 s'],
    ['without those that are less than 1 ms apart', { point: 4.4, min: 4.1, max: 4.9 }, '4.4 ms'],
  ])('is said %s', (_, measured, said) => {
    expect(sayBounded(measured)).toBe(said)
  })
})

describe('an instant', () => {
  const analysis = analyse(historyOf())
  const [fault] = analysis.faults
  const { intendedAt = Number.NaN, inEffectAt, clearedAt } = fault ?? {}

  test.each([
    ['before anything', 3000, /^3\.00 s into the scenario$/],
    ['of the intent', intendedAt, /^8\.00 s into the scenario, as kill of data-plane-1 was begun$/],
    ['of the effect', inEffectAt ?? Number.NaN, /into the scenario, as kill of data-plane-1 took effect$/],
    [
      'soon after it',
      (inEffectAt ?? Number.NaN) + 1200,
      /into the scenario, 1\.2 s after kill of data-plane-1 took effect$/,
    ],
    ['after the end', (clearedAt ?? Number.NaN) + 250, /, 250 ms after kill of data-plane-1 was healed and clear$/],
  ])('%s is said with its place in the drill', (_, at, said) => {
    expect(sayWhen({ analysis }, at)).toMatch(said)
  })
})
