// The law of following: whatever happens to watches, connections, history and servers, a gateway ends with what the server has.
import fc from 'fast-check'
import { pino } from 'pino'
import { afterEach, expect, test } from 'vitest'
import { emptyConfiguration } from './configuration.ts'
import { connectDpManager } from './dp-manager.ts'
import { endpointRing } from './endpoint-ring.ts'
import { type FakeDpManager, fakeDpManager, fakeStore } from './fake-dp-manager.fixture.ts'
import { followConfiguration } from './follow.ts'
import { environmentFor } from './gateway.fixture.ts'
import { readSettings } from './settings.ts'

const limit = { timeout: 5_000, interval: 2 }
const closing: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

type Step =
  | { readonly act: 'put' | 'remove'; readonly id: number }
  | { readonly act: 'cut' | 'end' | 'compact' | 'rest'; readonly server: number }
  | { readonly act: 'bounce'; readonly server: number }
  | { readonly act: 'restore'; readonly back: number }

const server = fc.nat(1)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ act: fc.constantFrom('put' as const, 'remove' as const), id: fc.nat(5) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      act: fc.constantFrom('cut' as const, 'end' as const, 'compact' as const, 'rest' as const),
      server,
    }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('bounce' as const), server }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('restore' as const), back: fc.integer({ min: 1, max: 4 }) }) },
)

test('no update is missed: cut and ended watches, compaction, bounced servers, a database restored to an older revision', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const world = await following()
      for (const each of steps) await world.play(each)
      await world.agrees()
      await world.close()
    }),
    { numRuns: 40, endOnFailure: true },
  )
}, 60_000)

async function following() {
  const store = fakeStore()
  const servers = [await fakeDpManager(store), await fakeDpManager(store)] as const
  const life = new AbortController()
  const settings = readSettings(environmentFor(servers.map(({ url }) => url)))
  const dpManager = connectDpManager(settings, 'run')
  const configuration = emptyConfiguration('/apisix')
  const ring = endpointRing(settings.endpoints, { maxFails: 3, failWindowMs: 60 })
  const nothing = () => undefined
  const log = pino({ level: 'silent' })
  const { timings } = settings
  const kept = new Map<string, unknown>()
  const gone = followConfiguration(
    { dpManager, ring, configuration, timings, log, onLoss: nothing, onLoaded: nothing },
    life.signal,
  )
  const close = async () => {
    life.abort()
    await gone
    await dpManager.close()
    await Promise.all(servers.map((each) => each.stop()))
  }
  closing.push(close)
  let version = 0
  const has = () => Object.fromEntries(configuration.directory('routes').map(({ key, value }) => [key, value]))
  const agrees = () => expect.poll(has, limit).toEqual(Object.fromEntries(kept))
  const isAtServersRevision = () => expect.poll(() => configuration.revision(), limit).toBe(store.revision())
  const at = (index: number): FakeDpManager => (index === 0 ? servers[0] : servers[1])
  const play = async (each: Step): Promise<void> => {
    if (each.act === 'put' && 'id' in each) {
      version += 1
      const key = `/apisix/routes/${each.id}`
      kept.set(key, { uri: '/', desc: String(version) })
      store.put(key, kept.get(key))
    } else if (each.act === 'remove' && 'id' in each) {
      kept.delete(`/apisix/routes/${each.id}`)
      store.remove(`/apisix/routes/${each.id}`)
    } else if (each.act === 'restore') {
      // A revision that was used may not come to mean something else while nobody looks (rule W10): so it is waited for.
      await isAtServersRevision()
      await Promise.all(servers.map((one) => one.stop()))
      store.rollBack(Math.max(1, store.revision() - each.back))
      await Promise.all(servers.map((one) => one.start()))
      await isAtServersRevision()
    } else if ('server' in each) {
      await disturb(each.act, { store, server: at(each.server) })
    }
  }
  return { play, agrees, close }
}

async function disturb(
  act: 'cut' | 'end' | 'compact' | 'rest' | 'bounce',
  { store, server }: { readonly store: ReturnType<typeof fakeStore>; readonly server: FakeDpManager },
): Promise<void> {
  if (act === 'cut') server.cutWatches('{"result":{"header":{"revi')
  if (act === 'end') server.endWatches()
  if (act === 'compact') store.compact()
  if (act === 'rest') await new Promise((resolve) => setImmediate(resolve))
  if (act === 'bounce') {
    await server.stop()
    await server.start()
  }
}
