// Whatever dies, nothing is left: harnesses with faults in effect, killed at random instants.
import { expect, test } from 'vitest'
import { cameLater, healingRounds, sayRound } from './prove-healing.ts'

const TIMES = 6

test(`${TIMES} harnesses are killed, their wardens, or both, and nothing is left of any`, async () => {
  const rounds = await healingRounds({ times: TIMES, seed: 1 })
  expect(rounds.flatMap((round, i) => (round.left.length > 0 ? [sayRound(round, i)] : []))).toEqual([])
  expect(await cameLater(rounds)).toEqual([])
  expect(rounds).toHaveLength(TIMES)
  // Else every injection may have been refused, and nothing was there to be left.
  expect(rounds.filter(({ wasBroken }) => wasBroken)).not.toEqual([])
}, 600_000)
