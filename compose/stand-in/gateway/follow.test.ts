// What a follower does that was told to end while it waits for an answer, and which frames tell it that history went back.
import { expect, test } from 'vitest'
import { emptyConfiguration } from './configuration.ts'
import type { DpManager } from './dp-manager.ts'
import { endpointRing } from './endpoint-ring.ts'
import type { Snapshot, WatchFrame } from './etcd-json.ts'
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

test('a created frame of a smaller revision says nothing: once the watch is silent it is opened again from where it was', async () => {
  const { asked, following } = followerHearing({ kind: 'created', revision: 3 })
  await following
  expect(asked).toEqual({ reads: 1, watchesFrom: [10, 10] })
})

test('a change of a smaller revision makes it read everything again', async () => {
  const { asked, following } = followerHearing({ kind: 'changes', revision: 3, changes: [] })
  await following
  expect(asked).toEqual({ reads: 2, watchesFrom: [10, 10] })
})

/** A follower that has read revision 9, and whose first watch says one frame and falls silent. It ends with its second watch. */
function followerHearing(frame: WatchFrame) {
  const asked = { reads: 0, watchesFrom: [] as number[] }
  const ending = new AbortController()
  const dpManager = {
    async range() {
      asked.reads += 1
      return { revision: 9, items: [], unreadable: [] }
    },
    async *watch(_endpoint: string, { startRevision }: { readonly startRevision: number }) {
      asked.watchesFrom.push(startRevision)
      if (asked.watchesFrom.length > 1) return ending.abort()
      yield frame
      throw Object.assign(new Error('Body Timeout Error'), { code: 'UND_ERR_BODY_TIMEOUT' })
    },
  } as unknown as DpManager
  const ring = endpointRing(['http://dp-manager'], { maxFails: 3, failWindowMs: 1_000 })
  const [configuration, log, nothing] = [emptyConfiguration('/apisix'), logInto([]), () => undefined]
  const heard = { onLoss: nothing, onLoaded: nothing }
  const parts = { dpManager, ring, configuration, timings: timingSets.vendor, log, ...heard }
  return { asked, following: followConfiguration(parts, ending.signal) }
}
