import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ROOT } from '../options.ts'
import { filesOf } from '../topology/compose.ts'
import { rolesOf } from '../topology/compose-labels.ts'
import { applicable, filterOf, type ScenarioFile, scenarioFiles, selected, writtenIn } from './scenarios.ts'

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

test('the filter of each scenario takes its own file, and that of no other', async () => {
  const all = await scenarioFiles()
  const taken = all.map((each) => {
    // As Playwright reads an argument of its command line.
    const filter = new RegExp(filterOf(each), 'gi')
    return all.filter(({ file }) => join(ROOT, file).match(filter)).map(({ name }) => name)
  })
  expect(taken).toEqual(all.map(({ name }) => [name]))
  expect('C:\\scenarios\\soak.scenario.ts').toMatch(new RegExp(filterOf({ name: 'soak' })))
})

describe('which scenarios apply', () => {
  const on = async (stack: string) => {
    const roles = await rolesOf(await filesOf({ stack }))
    return applicable(await selected(['database-failover', 'frozen-node'], { isAll: false }), {
      stack,
      roles,
      variables: {},
    })
  }

  const needing = (...needs: readonly string[]): ScenarioFile => ({ name: 'one', file: '', title: '', tags: [], needs })

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

  test('one whose gateways are to do without a control plane is played only where they would need it', async () => {
    const without = ['gateway-restarts-without-control-plane', 'standalone-boot']
    const on = async (stack: string) =>
      applicable(await selected(without, { isAll: false }), {
        stack,
        roles: await rolesOf(await filesOf({ stack })),
        variables: {},
      })
    expect(namesOf((await on('high-availability')).played)).toEqual(without)
    expect(namesOf((await on('etcd')).played)).toEqual([])
  })

  test('one about a setting is played where the setting is as it says, and nowhere else', () => {
    const on = (variables: Readonly<Record<string, string>>) =>
      applicable([needing('LB_CHECK=/status/ready')], { stack: 'etcd', roles: new Set(), variables })
    expect(on({ LB_CHECK: '/status/ready' }).skipped).toEqual([])
    expect(on({ LB_CHECK: '/status' }).skipped[0]?.because).toBe(
      'The deployment etcd has LB_CHECK=/status, and the claim is about LB_CHECK=/status/ready.',
    )
    expect(on({}).played).toEqual([])
  })

  test('one about any of several settings, or about any at all, is played where it is one of them', () => {
    const playedOn = (need: string, variables: Readonly<Record<string, string>>) =>
      applicable([needing(need)], { stack: 'etcd', roles: new Set(), variables }).played.length
    const store = 'COMPOSE_PROFILES=s3|azure'
    expect([playedOn(store, { COMPOSE_PROFILES: 'azure' }), playedOn(store, { COMPOSE_PROFILES: 'gcs' })]).toEqual([
      1, 0,
    ])
    const images = 'FIREDRILL_UPGRADE_TO=*'
    expect([playedOn(images, { FIREDRILL_UPGRADE_TO: 'x=y' }), playedOn(images, { FIREDRILL_UPGRADE_TO: '' })]).toEqual(
      [1, 0],
    )
  })

  test('everything that is missing is said at once', () => {
    const { skipped } = applicable([needing('database', 'stack=multi-zone')], {
      stack: 'etcd',
      roles: new Set(),
      variables: {},
    })
    expect(skipped[0]?.because).toBe('The deployment etcd has no node with the role database, and is not multi-zone.')
  })
})

describe('what a scenario file says beside its script', () => {
  const written = (details: string) =>
    writtenIn(`scenario(\n  'a claim',\n  { ${details} },\n  async () => {})`, 'x.scenario.ts')

  test('is read in whatever order it is written', () => {
    expect(written("needs: ['database', 'LB_MODE=tcp'], tag: ['@quick', '@database']")).toEqual({
      title: 'a claim',
      tags: ['@quick', '@database'],
      needs: ['database', 'LB_MODE=tcp'],
    })
    expect(written("tag: '@soak'")).toMatchObject({ tags: ['@soak'], needs: [] })
    expect(written('')).toMatchObject({ tags: [], needs: [] })
    // Prose is no property.
    expect(writtenIn("// What a node needs: time.\nscenario('a claim', {}, async () => {})", 'x')).toMatchObject({
      needs: [],
    })
  })

  test('is that of one scenario: a second one would be played under its name, and judged by nobody', () => {
    const one = "scenario('a claim', {}, async ({ history }) => {})\n"
    expect(() => writtenIn(one + one, 'x.scenario.ts')).toThrow(/x\.scenario\.ts declares several scenarios/)
    expect(() => writtenIn(`const a = rollingScenario('x')\n// scenario(\n${one}`, 'x.scenario.ts')).not.toThrow()
  })

  test.each([
    'needs: NEEDS',
    'needs: [...NEEDS]',
    "needs: ['database', NEED]",
    "needs: ['database', ...MORE]",
    'tag: "@quick"',
    "tag: '@soak', needs, annotation: no",
  ])('is refused where nobody could read it without playing it: %s', (details) => {
    expect(() => written(details)).toThrow(
      /^x\.scenario\.ts has a (tag|needs) that is not written as words .*ERR_SCENARIO/,
    )
  })
})
