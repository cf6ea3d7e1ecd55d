import { expect, test } from 'vitest'
import { OUTCOMES } from '../../../history/call.ts'
import { stacked } from './stack.js'

test('losses are the lowest, and answered calls stand on all of them', () => {
  const counts = { answered: [20, 19], wrong: [0, 2], refused: [0, 1], unanswered: [0, 0], unsent: [1, 0] }
  expect(stacked(OUTCOMES, counts)).toEqual([
    [21, 22],
    [1, 3],
    [1, 1],
    [1, 0],
    [1, 0],
  ])
})
