// What a follower does that was told to end while it waits for an answer.
import { expect, test } from 'vitest'
import { emptyConfiguration } from './configuration.ts'
import type { DpManager } from './dp-manager.ts'
import { endpointRing } from './endpoint-ring.ts'
import type { Snapshot } from './etcd-json.ts'
import { followConfiguration } from './follow.ts'
import { logInto } from './gateway.fixture.ts'
import { timingSets } from './timings.ts'

test('a full read that is answered after a reload has ended its follower replaces nothing', async () => {
  const configuration = emptyConfiguration('/apisix')
  const late = Promise.withResolvers<Snapshot>()
  const unasked = async (): Promise<never> => {
    throw new Error('nobody asks for this')
  }
  const dpManager = { range: () => late.promise, watch: unasked } as unknown as DpManager
  const ring = endpointRing(['http://dp-manager'], { maxFails: 3, failWindowMs: 1_000 })
  const heard: string[] = []
  const [onLoss, onLoaded] = [() => void heard.push('loss'), () => void heard.push('loaded')]
  const ending = new AbortController()
  const parts = { dpManager, ring, configuration, timings: timingSets.vendor, log: logInto([]), onLoss, onLoaded }
  const following = followConfiguration(parts, ending.signal)
  ending.abort()
  configuration.replace({ revision: 9, items: [], unreadable: [] })
  late.resolve({ revision: 5, items: [], unreadable: [] })
  await following
  expect([configuration.revision(), heard]).toEqual([9, []])
})
