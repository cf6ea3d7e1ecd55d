// A node that was started, looked at from inside: whom it answers, and how long that is waited for.
import { expect, test } from 'vitest'
import { node } from '../fault/breaking.fixture.ts'
import type { InsideAnswer } from '../traffic/inside.ts'
import { comingUp } from './coming-up.ts'

const gateway = {
  ...node('data-plane-1'),
  containers: [
    {
      id: 'c1',
      name: 'gateway',
      service: 'gateway',
      address: '10.0.0.1',
      image: 'i',
      ports: { http: { inside: 9080 } },
    },
  ],
}

/** Asks until somebody serves; each look takes a second. */
const served = async (...statuses: readonly number[]) => {
  const asked: string[] = []
  const answer = await comingUp({
    clock: { now: () => 1000 * asked.length },
    callers: {
      connect: () => Promise.reject(new Error('Nobody connects here.')),
      get: async (url) => {
        asked.push(url)
        const status = statuses[Math.min(asked.length, statuses.length) - 1] ?? 0
        return {
          ok: status > 0,
          status,
          headers: { look: String(asked.length) },
        } as Partial<InsideAnswer> as InsideAnswer
      },
    },
  }).serves(gateway)
  return { asked, answer }
}

test('a gateway serves once it answers what callers ask for', async () => {
  const { asked, answer } = await served(0, 404, 200)
  expect(asked).toEqual(Array(3).fill('http://10.0.0.1:9080/orders/42'))
  expect(answer?.headers).toEqual({ look: '3' })
})

test('one that does not within 20 s serves nobody', async () => {
  const { asked, answer } = await served(503)
  expect([asked.length, answer]).toEqual([20, null])
})
