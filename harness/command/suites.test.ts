import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { filesOf } from '../topology/compose.ts'
import { rolesOf } from '../topology/compose-labels.ts'
import { applicable, scenarioFiles, selected } from './scenarios.ts'
import { SUITES, suiteNamed } from './suites.ts'

const LEGS = Object.entries(SUITES).flatMap(([suite, legs]) => legs.map((leg) => ({ suite, ...leg })))

describe('a suite', () => {
  test.each(LEGS)('$suite on $stack plays scenarios that apply there', async ({ stack, settings, names }) => {
    const roles = await rolesOf(await filesOf({ stack }))
    // From where to where an upgrade goes is said beside it.
    const variables = { FIREDRILL_UPGRADE_TO: 'data-plane=newer', ...settings }
    const { skipped } = applicable(await selected(names, { isAll: false }), { stack, roles, variables })
    expect(skipped).toEqual([])
    expect(names.length).toBeGreaterThan(0)
  })

  test.each(Object.entries(SUITES))('%s has a folder for every playing', (_, legs) => {
    const parts = legs.map(({ part = '' }) => part)
    expect(new Set(parts).size).toBe(parts.length)
    // A folder's name and its part are told from each other by the dot.
    expect(parts.filter((part) => !/^[a-z0-9-]*$/.test(part))).toEqual([])
  })

  test('nightly plays everything that acceptance does, and no scenario is in no suite', async () => {
    const playedBy = (legs: readonly { readonly names: readonly string[] }[]) =>
      new Set(legs.flatMap(({ names }) => names))
    const nightly = playedBy(suiteNamed('nightly'))
    expect([...playedBy(suiteNamed('acceptance'))].filter((name) => !nightly.has(name))).toEqual([])
    const all = playedBy(LEGS)
    expect((await scenarioFiles()).map(({ name }) => name).filter((name) => !all.has(name))).toEqual([])
  })

  test('acceptance plays on etcd whatever README says of the page about etcd', async () => {
    const readme = await readFile(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8')
    const [, rows = ''] = /\| \*\*High Availability\*\*, etcd .*\n([^#]*)/.exec(readme) ?? []
    const said = [...rows.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name)
    const leg = suiteNamed('acceptance').find(({ stack }) => stack === 'etcd')
    expect(said.length).toBeGreaterThan(0)
    expect(said.filter((name) => name !== undefined && !leg?.names.includes(name))).toEqual([])
  })

  test('that nobody wrote is refused with those there are', () => {
    expect(() => suiteNamed('nightmare')).toThrow(/no suite 'nightmare': expected one of smoke, acceptance/)
  })
})
