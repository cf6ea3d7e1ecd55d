// Helpers that leave: one that is slow to go is asked for again before anybody says that it stayed.
import { beforeEach, expect, test, vi } from 'vitest'
import { manualClock } from '../../time/clock.ts'
import { networkOver } from './docker.ts'
import { type HeldLease, hold } from './hold.ts'

vi.mock('./hold.ts', () => ({ hold: vi.fn() }))

const TALLY = { came: 1, went: 0, kept: 0, passed: 0 }

/** A rule that was laid and lifted, whose helper leaves as told, one attempt after another. */
const lifted = async (leave: () => Promise<void>) => {
  const lease: HeldLease = {
    impose: async () => {},
    count: async () => TALLY,
    reach: async () => 'reached',
    lift: async () => TALLY,
    look: async () => false,
    sever: async () => 0,
    lost: () => null,
    end: () => {},
    leave,
  }
  vi.mocked(hold).mockResolvedValueOnce(lease)
  const probe = async () => ({ outcome: 'unreachable', from: 0, to: 0 }) as const
  const { network } = networkOver({ run: 'fd-1', clock: manualClock(), probe })
  await network.impose('c1', { name: 'reject', parameters: {} })
  await network.lift('c1')
  return network
}

const leave = vi.fn<() => Promise<void>>()

beforeEach(() => void leave.mockReset().mockResolvedValue())

test('a helper that was slow to go and is gone by now has settled', async () => {
  leave.mockRejectedValueOnce(new Error('not removed within 10 s'))
  const network = await lifted(leave)
  await network.settled()
  expect(leave).toHaveBeenCalledTimes(2)
  await network.settled()
  expect(leave).toHaveBeenCalledTimes(2)
})

test('one that stays is told', async () => {
  leave.mockRejectedValue(new Error('the engine is busy'))
  const network = await lifted(leave)
  await expect(network.settled()).rejects.toThrow('the engine is busy')
})
