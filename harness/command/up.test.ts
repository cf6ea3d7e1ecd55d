// A deployment that is coming up belongs to somebody, and one that did not come up holds nothing.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { clearDead } from '../fault/clearing.ts'
import { startWarden } from '../fault/warden.ts'
import { freePort } from '../setup/free-port.fixture.ts'
import { prepare } from '../setup/prepare.ts'
import { bringUp } from '../stage/deployment.ts'
import { leases } from '../topology/lease.ts'
import { remove } from '../topology/residue.ts'
import type { Topology } from '../topology/topology.ts'
import { up } from './up.ts'

vi.mock('../stage/deployment.ts', () => ({ bringUp: vi.fn(), dashboardOrigin: () => 'http://127.0.0.1:7080' }))
vi.mock('../fault/clearing.ts', () => ({ clearDead: vi.fn(async () => []), leftAlone: async () => [] }))
vi.mock('../fault/warden.ts', () => ({ startWarden: vi.fn() }))
vi.mock('../topology/residue.ts', () => ({ remove: vi.fn(async () => {}) }))
vi.mock('../setup/prepare.ts', () => ({ prepare: vi.fn(async () => ({})) }))
const said = vi.spyOn(console, 'log').mockImplementation(() => {})

const topology: Topology = { stack: 'etcd', project: 'fd-1', network: 'lab', subnet: '10.213.77', nodes: [] }
const kinds = async (): Promise<readonly string[]> => (await leases()).map(({ kind }) => kind)

beforeEach(() => {
  vi.stubEnv('FIREDRILL_LEASES', mkdtempSync(join(tmpdir(), 'firedrill-up-')))
})

afterEach(() => {
  vi.unstubAllEnvs()
  vi.mocked(prepare).mockClear()
  said.mockClear()
})

test('it lives with its process while it comes up, under a warden, and without it afterwards', async () => {
  const meanwhile: (readonly string[])[] = []
  vi.mocked(bringUp).mockImplementationOnce(async ({ run }) => {
    expect(startWarden).toHaveBeenCalledWith(run)
    meanwhile.push(await kinds())
    return topology
  })
  expect(await up(['--stack', 'etcd'])).toBe(0)
  expect([...meanwhile, await kinds()]).toEqual([['drill'], ['up']])
})

test('one that does not come up has no lease', async () => {
  vi.mocked(bringUp).mockRejectedValueOnce(new Error('Compose could not.'))
  await expect(up([])).rejects.toThrow('Compose could not.')
  expect(await kinds()).toEqual([])
})

test('one that does not come up, and of which something stays, is this process’s: whoever cleans after it finds it dead', async () => {
  vi.mocked(bringUp).mockRejectedValueOnce(new Error('Compose could not.'))
  vi.mocked(remove).mockRejectedValueOnce(new Error('the network is in use'))
  await expect(up([])).rejects.toThrow('Compose could not.')
  expect(await kinds()).toEqual(['drill'])
  expect(said.mock.calls.flat()).toContain('  Not everything of it was removed: the network is in use')
})

test('what of an earlier run would not go is told, and it comes up all the same', async () => {
  vi.mocked(clearDead).mockResolvedValueOnce([
    { run: 'fd-old', isKept: false, faults: [], failed: [], remains: 'The network is in use.' },
  ])
  vi.mocked(bringUp).mockResolvedValueOnce(topology)
  expect(await up([])).toBe(0)
  expect(said.mock.calls.flat()).toContain('  It could not remove all that is left of fd-old: The network is in use.')
})

test('an engine on another machine, of which a port is not forwarded, is refused before anything is made ready', async () => {
  vi.stubEnv('DOCKER_HOST', 'ssh://192.0.2.1')
  vi.stubEnv('FIREDRILL_PORT_GATEWAY', String(await freePort()))
  vi.mocked(bringUp).mockResolvedValueOnce(topology)
  await expect(up([])).rejects.toMatchObject({ code: 'ERR_ENGINE_FAR' })
  expect(prepare).not.toHaveBeenCalled()
})
