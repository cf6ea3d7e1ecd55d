import { describe, expect, test } from 'vitest'
import { storeInMemory } from './config-store.fixture.ts'
import { majorityLeft, majorityOf } from './quorum.ts'

describe('the majority of the config store', () => {
  test('is more than half of its members', () => {
    expect([1, 2, 3, 4, 5].map(majorityOf)).toEqual([1, 2, 2, 3, 3])
  })

  test('may lose one of three', async () => {
    const { world } = storeInMemory()
    await majorityLeft(world)({ kind: 'kill', targets: ['store-1'], broken: [] })
  })

  test.each<[string, readonly string[], readonly string[], readonly string[]]>([
    ['two at once', ['store-1', 'store-2'], [], []],
    ['one beside another under a fault', ['store-1'], ['store-2'], []],
    ['one beside another that is down by itself', ['store-1'], [], ['store-3']],
  ])('may not lose %s', async (_, targets, broken, downAlready) => {
    const { world, down } = storeInMemory()
    for (const name of downAlready) down.add(name)
    await expect(majorityLeft(world)({ kind: 'kill', targets, broken })).rejects.toThrow(
      /the config store would have 1 of 3 members left \(store-\d\), and its majority is 2.*ERR_BLAST_RADIUS/,
    )
  })

  test('asks nobody where no member is a target', async () => {
    const { world } = storeInMemory()
    const exchange = async () => Promise.reject(new Error('somebody was asked'))
    await majorityLeft({ ...world, exchange })({ kind: 'kill', targets: ['database-1'], broken: [] })
  })
})
