import { expect, test } from 'vitest'
import { heldTo, teamLimits } from './team-limits.ts'

test('a team’s limits replace the script’s, and what the script demanded is kept beside them', () => {
  expect(heldTo({ p99: '250ms', signOuts: 0, lostCalls: 0 }, { p99: '60s', signOuts: 999, survivors: 2 })).toEqual({
    demand: { p99: '60s', signOuts: 999, lostCalls: 0, survivors: 2 },
    script: { p99: '250ms', signOuts: 0, survivors: null },
  })
})

test('a limit that is the script’s own replaces nothing', () => {
  expect(heldTo({ p99: '250ms' }, { p99: '250ms' })).toEqual({ demand: { p99: '250ms' } })
  expect(heldTo({ p99: '250ms' })).toEqual({ demand: { p99: '250ms' } })
})

test('no limit can be taken away', () => {
  expect(() => teamLimits('--objectives team.json', '{ "soak": { "p99": null } }')).toThrow(
    /has soak demand p99 null: expected a duration/,
  )
})
