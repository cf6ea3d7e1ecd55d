import { expect, test } from 'vitest'
import { analyse } from '../../analysis/analyse.ts'
import { historyOf, type Trouble } from '../../analysis/history.fixture.ts'
import { returnTable } from './availability.ts'
import { textOf } from './markup.ts'

/** What is said of the first answer on either lane of callers, where somebody noticed. */
const firstAnswers = (trouble: Trouble): readonly (string | undefined)[] =>
  [...textOf(returnTable(analyse(historyOf({ trouble: [trouble] })))).matchAll(/<tr>(.*?)<\/tr>/g)].slice(1).map(
    ([, row = '']) =>
      row
        .replaceAll(/<[^>]*>/g, '|')
        .split('|')
        .filter(Boolean)[2],
  )

test('of an outage that was there before the fault it is not said that callers were never without an answer', () => {
  expect(firstAnswers({ from: 7000, to: 10_000, how: 'refused' })).toEqual(['out before it', 'out before it'])
})

test('callers who waited for longer than usual, each of them answered, were never without', () => {
  expect(firstAnswers({ from: 8000, to: 10_000, how: 'slow', slowMs: 30 })).toEqual(['never without', 'never without'])
})
