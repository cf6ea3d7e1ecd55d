// An engine is restarted where it is ours and nobody is on it, and nowhere else; what it held up is done again then.
import { beforeEach, expect, test, vi } from 'vitest'
import { EnvironmentError } from '../time/errors.ts'
import { type Running, restartStuckEngine, whyNotRestart, withEngineUnstuck } from './engine-restart.ts'

const engine = vi.hoisted(() => ({
  running: [] as { Names: string[]; Labels: Record<string, string> }[],
  living: [] as string[],
  restarts: 0,
  isThere: true,
  uid: 0,
}))

vi.mock('./docker.ts', () => ({ docker: () => ({ listContainers: async () => engine.running }) }))
vi.mock('./lease.ts', () => ({ leases: async () => engine.living.map((run) => ({ run })), isAlive: () => true }))
vi.mock('./owner.ts', () => ({ ownersOf: async () => new Map(), lifeBy: () => 'dead' }))
vi.mock('../setup/engine.ts', () => ({ askEngine: async () => ({ endpoint: {} }), isThisMachines: () => true }))
vi.mock('../setup/pid-files.ts', () => ({
  enginePidFiles: [{}],
  readPidFile: async () => (engine.isThere ? { state: 'alive', pid: 7 } : { state: 'missing' }),
}))
vi.mock('node:fs/promises', () => ({ readFile: async () => '/usr/sbin/dockerd\0--live-restore\0' }))
vi.mock('../setup/engine-start.ts', () => ({
  engineCommands: { liveRestore: ['dockerd', '--live-restore'], plain: ['dockerd'] },
  startEngine: async () => {
    engine.restarts += 1
    engine.isThere = true
  },
}))

const container = (name: string, run?: string) => ({
  Names: [`/${name}`],
  Labels: run === undefined ? {} : { 'firedrill.run': run },
})
const stuck = new EnvironmentError('The network is in use.', { code: 'ERR_ENGINE_STUCK' })

beforeEach(() => {
  Object.assign(engine, { running: [], living: [], restarts: 0, isThere: true, uid: 0 })
  vi.spyOn(process, 'getuid').mockImplementation(() => engine.uid)
  // Nobody is asked to end: there is no process 7 of ours.
  vi.spyOn(process, 'kill').mockImplementation(() => {
    engine.isThere = false
    return true
  })
})

test('the engine is restarted where it is ours and empty, and nowhere else', () => {
  const ours = { command: ['dockerd', '--live-restore'], running: [] as Running[], living: [] }
  expect(whyNotRestart(ours)).toBeNull()
  expect(whyNotRestart({ ...ours, running: [{ name: 'left', run: 'fd-dead' }] })).toBeNull()
  expect(whyNotRestart({ ...ours, running: [{ name: 'shop', run: null }] })).toMatch(/others run on it: shop/)
  expect(whyNotRestart({ ...ours, running: [{ name: 'gw', run: 'fd-1' }], living: ['fd-1'] })).toMatch(/: gw/)
  expect(whyNotRestart({ ...ours, living: ['fd-1'] })).toMatch(/runs go on: fd-1/)
  expect(whyNotRestart({ ...ours, command: ['dockerd', '-H', 'fd://'] })).toMatch(/not started by/)
  expect(whyNotRestart({ ...ours, command: null })).toMatch(/not started by/)
})

test('one that is stuck is restarted beside no container but those of the run that is removed', async () => {
  engine.running = [container('late', 'fd-1')]
  engine.living = ['fd-1']
  expect([await restartStuckEngine('fd-1'), engine.restarts]).toEqual([null, 1])
})

test.each([
  ["a container that is nobody's", { running: [container('shop')] }, /others run on it: shop/],
  ['a container of a run that is dead', { running: [container('left', 'fd-dead')] }, /others run on it: left/],
  ['another run that lives', { living: ['fd-1', 'fd-2'] }, /runs go on: fd-2/],
  ['a user who may not', { uid: 1000 }, /only root/],
])('one that is stuck is let be beside %s', async (_, seen, because) => {
  Object.assign(engine, seen)
  expect(await restartStuckEngine('fd-1')).toMatch(because)
  expect(engine.restarts).toBe(0)
})

test('what a stuck engine held up is removed after its restart, once', async () => {
  const removal = vi.fn(async () => {}).mockRejectedValueOnce(stuck)
  const said: string[] = []
  await withEngineUnstuck('fd-1', removal, (text) => said.push(text))
  expect([removal.mock.calls.length, engine.restarts]).toEqual([2, 1])
  expect(said).toEqual([expect.stringMatching(/engine was restarted: it held a network of fd-1 /)])
  const never = vi.fn(() => Promise.reject(stuck))
  await expect(withEngineUnstuck('fd-1', never, () => {})).rejects.toBe(stuck)
  expect([never.mock.calls.length, engine.restarts]).toEqual([2, 2])
})

test('what cannot be removed for another reason, or by an engine that is let be, is told as it was', async () => {
  const occupied = new EnvironmentError('Somebody is on it.', { code: 'ERR_NETWORK_OCCUPIED' })
  await expect(withEngineUnstuck('fd-1', () => Promise.reject(occupied))).rejects.toBe(occupied)
  engine.living = ['fd-2']
  const removal = vi.fn(() => Promise.reject(stuck))
  await expect(withEngineUnstuck('fd-1', removal)).rejects.toBe(stuck)
  expect([removal.mock.calls.length, engine.restarts]).toEqual([1, 0])
})
