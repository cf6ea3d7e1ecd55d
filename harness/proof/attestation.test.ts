import { describe, expect, test } from 'vitest'
import type { KindAtHand } from '../fault/kinds-at-hand.fixture.ts'
import { attestationTable, countsOf, drawn, type Told } from './attestation.ts'

const kind = (name: string): KindAtHand => ({
  name,
  kind: 'stop',
  make: () => {
    throw new Error('Nothing is injected here.')
  },
})
const kinds = ['a', 'b', 'c', 'd'].map(kind)
const told = (name: string, sabotage: Told['sabotage'], ...doubts: readonly string[]): Told => ({
  of: kind(name),
  sabotage,
  doubts,
})

describe('injections that are drawn', () => {
  test('are sabotaged in a third, and no kind comes twice before all came', () => {
    const all = drawn(kinds, { times: 30, seed: 1 })
    expect(all.filter(({ sabotage }) => sabotage !== null)).toHaveLength(10)
    expect(
      all
        .slice(4, 8)
        .map(({ of }) => of.name)
        .sort(),
    ).toEqual(['a', 'b', 'c', 'd'])
  })

  test('are the same for a seed, and others for another', () => {
    const names = (seed: number) =>
      drawn(kinds, { times: 30, seed }).map(({ of, sabotage }) => `${of.name} ${sabotage}`)
    expect(names(7)).toEqual(names(7))
    expect(names(7)).not.toEqual(names(8))
  })
})

const all = [told('a', null), told('a', null, 'odd'), told('b', 'no-op', 'called out'), told('b', 'early reversal')]

test('an honest one that is called out is a false alarm, and a sabotaged one that is not is missed', () => {
  expect(countsOf(all)).toEqual({ honest: 2, falseAlarms: 1, sabotaged: 2, missed: 1 })
})

test('the table has a row for each kind, and one for all', () => {
  expect(attestationTable(all)).toBe(
    [
      'kind  honest  false alarms  sabotaged  called out  missed',
      'a          2             1          0           0       0',
      'b          0             0          2           1       1',
      'all        2             1          2           1       1',
    ].join('\n'),
  )
})
