import { describe, expect, test, vi } from 'vitest'
import type { KindAtHand } from '../fault/kinds-at-hand.fixture.ts'
import { attestationTable, countsOf, drawn, type Told } from './attestation.ts'
import { main } from './prove-attestation.ts'

// Were too few not refused, a deployment would be brought up.
vi.mock('../fault/kit.fixture.ts', () => ({
  startSmallDeployment: () => Promise.reject(new Error('It went on.')),
}))

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
  test('are sabotaged in a third: each kind once in each way before any of them comes again', () => {
    const sabotaged = drawn(kinds, { times: 36, seed: 1 }).flatMap(({ of, sabotage }) =>
      sabotage === null ? [] : [`${of.name} ${sabotage}`],
    )
    const pairs = kinds.flatMap(({ name }) =>
      ['no-op', 'wrong target', 'early reversal'].map((sabotage) => `${name} ${sabotage}`),
    )
    expect(sabotaged.sort()).toEqual(pairs.sort())
  })

  test('are of each kind as often as of any other', () => {
    const honest = drawn(kinds, { times: 36, seed: 1 }).filter(({ sabotage }) => sabotage === null)
    expect(kinds.map(({ name }) => honest.filter(({ of }) => of.name === name).length)).toEqual([6, 6, 6, 6])
  })

  test('are the same for a seed, and others for another', () => {
    const names = (seed: number) =>
      drawn(kinds, { times: 30, seed }).map(({ of, sabotage }) => `${of.name} ${sabotage}`)
    expect(names(7)).toEqual(names(7))
    expect(names(7)).not.toEqual(names(8))
  })
})

test('so few injections that none would be sabotaged are refused, and three are not', async () => {
  for (const times of ['1', '2'])
    await expect(main(['--times', times])).rejects.toMatchObject({
      code: 'ERR_FLAG',
      message: expect.stringContaining('expected a whole number from 3 on'),
    })
  await expect(main(['--times', '3'])).rejects.toThrow('It went on.')
  expect(countsOf(drawn(kinds, { times: 3, seed: 1 }).map((each) => ({ ...each, doubts: [] })))).toMatchObject({
    honest: 2,
    sabotaged: 1,
  })
})

const all = [
  told('a', null),
  told('a', null, 'odd'),
  told('b', 'no-op', 'called out'),
  told('b', 'wrong target', 'called out'),
  told('b', 'early reversal'),
]

test('an honest one that is called out is a false alarm, and a sabotaged one that is not is missed', () => {
  expect(countsOf(all)).toEqual({ honest: 2, falseAlarms: 1, sabotaged: 3, missed: 1 })
})

test('the table has a row for each kind, and one for all', () => {
  expect(attestationTable(all)).toBe(
    [
      'kind  honest  false alarms  sabotaged  called out  missed',
      'a          2             1          0           0       0',
      'b          0             0          3           2       1',
      'all        2             1          3           2       1',
    ].join('\n'),
  )
})
