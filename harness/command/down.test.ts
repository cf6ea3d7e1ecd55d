// `down` says that a deployment is removed where it was, and nowhere else.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { EnvironmentError } from '../time/errors.ts'
import { leaseFile, leases, takeLease } from '../topology/lease.ts'
import { remove } from '../topology/residue.ts'
import { down } from './up.ts'

vi.mock('../topology/engine-restart.ts', () => ({
  withEngineUnstuck: (_: string, removal: () => unknown) => removal(),
}))
vi.mock('../setup/engine-ready.ts', () => ({ engineAnswers: async () => {} }))
vi.mock('../topology/docker.ts', () => ({ docker: () => ({ info: async () => ({ ID: 'here' }) }) }))
vi.mock('../topology/residue.ts', () => ({ remove: vi.fn(async () => {}), residueOf: async () => [] }))
const said = vi.spyOn(console, 'log').mockImplementation(() => {})

beforeEach(() => {
  vi.stubEnv('FIREDRILL_LEASES', mkdtempSync(join(tmpdir(), 'firedrill-down-')))
})

afterEach(() => {
  vi.unstubAllEnvs()
  vi.clearAllMocks()
})

/** An `up` deployment on an engine; an older version named none. */
const isUp = async (run: string, engine?: string): Promise<void> => {
  const lease = await takeLease({ run, kind: 'up', subnet: '10.99.0' })
  writeFileSync(
    leaseFile(run, 'json'),
    JSON.stringify({ ...lease, engine, ...(engine === 'there' && { endpoint: 'tcp://far:2375' }) }),
  )
}

const held = async (): Promise<readonly string[]> => (await leases()).map(({ run }) => run)
const lines = (): readonly string[] => said.mock.calls.flat()

test('one that is on another engine is named and keeps its lease, and the others are removed: exit code 3', async () => {
  await isUp('fd-there', 'there')
  await isUp('fd-here', 'here')
  expect(await down([])).toBe(3)
  expect(vi.mocked(remove).mock.calls).toEqual([['fd-here']])
  expect(lines()).toEqual([
    expect.stringMatching(/^Left alone: run fd-there: it is on another Docker engine \(there\)\. Choose that one/),
    'Removed fd-here.',
  ])
  expect(await held()).toEqual(['fd-there'])
})

test('one whose lease names no engine is taken for this one’s', async () => {
  await isUp('fd-older')
  expect(await down([])).toBe(0)
  expect([lines(), await held()]).toEqual([['Removed fd-older.'], []])
})

test('one that would not go says why and keeps its lease, and the next is removed: exit code 3', async () => {
  vi.mocked(remove).mockImplementation(async (run) => {
    if (run === 'fd-stuck') throw new EnvironmentError('The network is in use.', { code: 'ERR_ENGINE_STUCK' })
  })
  await isUp('fd-stuck', 'here')
  await isUp('fd-well', 'here')
  expect(await down([])).toBe(3)
  expect([...lines()].sort()).toEqual([
    'Not all of fd-stuck was removed, and `npm run down` tries again: The network is in use. [ERR_ENGINE_STUCK]',
    'Removed fd-well.',
  ])
  expect(await held()).toEqual(['fd-stuck'])
})
