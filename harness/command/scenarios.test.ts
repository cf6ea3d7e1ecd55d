import { describe, expect, test } from 'vitest'
import { filesOf, rolesOf } from '../topology/compose.ts'
import { applicable, scenarioFiles, selected } from './scenarios.ts'

const namesOf = (scenarios: readonly { readonly name: string }[]): readonly string[] =>
  scenarios.map(({ name }) => name)

describe('which scenarios are played', () => {
  test('without names the quick ones, that a person waits for', async () => {
    expect(namesOf(await selected([], { isAll: false }))).toEqual([
      'control-plane-failover',
      'control-plane-outage',
      'data-plane-failover',
      'rolling-restart',
    ])
  })

  test('with --all every one there is', async () => {
    const all = namesOf(await selected([], { isAll: true }))
    expect(all).toEqual(namesOf(await scenarioFiles()))
    expect(all).toContain('frozen-node')
  })

  test('by name one that is not quick', async () => {
    expect(namesOf(await selected(['frozen-node'], { isAll: false }))).toEqual(['frozen-node'])
  })

  test('an unknown name is refused with those there are', async () => {
    await expect(selected(['frozen'], { isAll: false })).rejects.toThrow(
      /no scenario frozen: expected any of .*frozen-node/,
    )
  })
})

describe('which scenarios apply', () => {
  const on = async (stack: string) => {
    const roles = await rolesOf(await filesOf({ stack }))
    return applicable(await selected(['database-failover', 'frozen-node'], { isAll: false }), { stack, roles })
  }

  test('those that need no role, or whose roles the deployment has', async () => {
    const { played, skipped } = await on('high-availability')
    expect([namesOf(played), skipped]).toEqual([['database-failover', 'frozen-node'], []])
  })

  test('the others are skipped, and it is said what is missing', async () => {
    const { played, skipped } = await on('etcd')
    expect(namesOf(played)).toEqual(['frozen-node'])
    expect(skipped).toEqual([
      { name: 'database-failover', because: 'The deployment etcd has no node with the role database.' },
    ])
  })
})
