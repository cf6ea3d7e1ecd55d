// Whatever dies, nothing is left: harnesses with faults in effect, killed at random instants.
import { expect, test } from 'vitest'
import { healingRounds } from './prove-healing.ts'

test('20 harnesses are killed, their wardens, or both, and nothing is left of any', async () => {
  const rounds = await healingRounds({ times: 20, seed: 1 })
  expect(rounds.filter(({ left }) => left.length > 0)).toEqual([])
  expect(rounds).toHaveLength(20)
}, 600_000)
