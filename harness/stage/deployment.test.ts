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
vi.mock('../topology/owner.ts', () => ({ tellOwner: async () => {} }))
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
