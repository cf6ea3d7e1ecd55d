import { expect, test } from 'vitest'
import { engineAheadMs } from './engine-clock.ts'

const clockAt = (aheadMs: number) => async () => ({ SystemTime: new Date(Date.now() + aheadMs).toISOString() })

test.each([10_000, -1500])(
  'an engine whose clock is %i ms ahead is known to within its round trip',
  async (aheadMs) => {
    const known = await engineAheadMs(clockAt(aheadMs))
    expect(Math.abs(known - aheadMs)).toBeLessThan(200)
  },
)

test('one whose clock may well be ours is taken at its word, and so is one that does not tell its time', async () => {
  expect([await engineAheadMs(clockAt(0)), await engineAheadMs(async () => ({}))]).toEqual([0, 0])
})

test('what took longer to ask than the clocks are apart tells nothing', async () => {
  const slow = async () => {
    const answer = await clockAt(80)()
    await new Promise((resolve) => setTimeout(resolve, 120))
    return answer
  }
  expect(await engineAheadMs(slow)).toBe(0)
})
