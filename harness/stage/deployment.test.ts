// A deployment that does not come up says why, whatever becomes of what it had started.
import { expect, test, vi } from 'vitest'
import { optionsFrom } from '../options.ts'
import { EnvironmentError } from '../time/errors.ts'
import { remove } from '../topology/residue.ts'
import { bringUp } from './deployment.ts'

vi.mock('../fault/fault-log.ts', () => ({ forgetFaults: () => {} }))
vi.mock('../topology/cgroup.ts', () => ({ cgroupParent: async () => null }))
vi.mock('../topology/clash.ts', () => ({ refuseClashes: async () => {} }))
vi.mock('../topology/compose.ts', () => ({
  composeUp: () => Promise.reject(new Error('Compose could not.')),
  filesOf: async () => [],
  portsOf: async () => ({}),
}))
const owners = vi.hoisted((): { of: readonly { pid: number; user: string; life: string }[] } => ({ of: [] }))
vi.mock('../topology/owner.ts', () => ({
  tellOwner: async () => {},
  ownersOf: async () => new Map([['firedrill-by-hand', owners.of]]),
  lifeBy: ([owner]: typeof owners.of) => owner?.life,
}))
vi.mock('../topology/residue.ts', () => ({ remove: vi.fn(async () => {}) }))

const stuck = new EnvironmentError('The network is in use.', { code: 'ERR_ENGINE_STUCK' })

test('what would not go afterwards takes the place of no reason', async () => {
  vi.mocked(remove).mockResolvedValueOnce().mockRejectedValueOnce(stuck)
  await expect(bringUp(optionsFrom({ FIREDRILL_RUN: 'fd-1' }))).rejects.toThrow('Compose could not.')
  expect(remove).toHaveBeenCalledTimes(2)
})

test('what would not go before is the reason', async () => {
  vi.mocked(remove).mockRejectedValueOnce(stuck)
  await expect(bringUp(optionsFrom({ FIREDRILL_RUN: 'fd-1' }))).rejects.toMatchObject({ code: 'ERR_ENGINE_STUCK' })
})

test('what somebody else plays by hand is not removed; what this process left, or one that ended, is', async () => {
  const by = (pid: number, life: string) => {
    vi.mocked(remove).mockClear()
    owners.of = [{ pid, user: 'alice', life }]
    return bringUp(optionsFrom({})).catch((error: Error) => error.message)
  }
  expect(await by(1, 'alive')).toMatch(/is played by process 1 of alice already.*ERR_SECOND_RUN/)
  expect(remove).not.toHaveBeenCalled()
  for (const [pid, life] of [
    [process.pid, 'alive'],
    [1, 'dead'],
  ] as const)
    expect(await by(pid, life)).toBe('Compose could not.')
})
