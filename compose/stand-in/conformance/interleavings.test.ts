import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Applied, type Follower, follow, readDirectory } from './apisix.fixture.ts'
import { base64, type Json, newPrefix, plain, post, revisionOf } from './etcd-client.fixture.ts'
import { CANDIDATES, type Server } from './servers.fixture.ts'

/** What one writer does; keys are few, so that writers meet. */
type Act =
  | { readonly kind: 'put'; readonly key: number; readonly value: string }
  | { readonly kind: 'delete'; readonly key: number }
  | { readonly kind: 'clear' }
  | { readonly kind: 'txn'; readonly keys: readonly [number, number] }

const key = fc.integer({ min: 0, max: 3 })
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('put'), key, value: fc.string({ maxLength: 12 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete'), key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear') }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('txn'), keys: fc.tuple(key, fc.integer({ min: 4, max: 5 })) }),
  },
) as fc.Arbitrary<Act>

/** After how many bytes a watcher's connections are cut, one after the other. */
const cuts = fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 5 })
const play = fc.record({
  writers: fc.array(fc.array(act, { minLength: 1, maxLength: 8 }), { minLength: 2, maxLength: 3 }),
  watchers: fc.array(cuts, { minLength: 2, maxLength: 4 }),
})

/** Does it at one address, and tells what changed at which revision, from the answer alone. */
const perform = async (server: Server, prefix: string, what: Act): Promise<readonly Applied[]> => {
  const at = (number: number): string => `${prefix}/${number}`
  if (what.kind === 'put') {
    const value = Buffer.from(what.value).toString('latin1')
    const { body } = await post(server, '/v3/kv/put', { key: base64(at(what.key)), value: base64(value) })
    return [{ revision: Number(body.header.revision), key: at(what.key), value }]
  }
  if (what.kind === 'txn') {
    const success = what.keys.map((each) => ({ request_put: { key: base64(at(each)), value: base64('both') } }))
    const { body } = await post(server, '/v3/kv/txn', { success })
    return what.keys.map((each) => ({ revision: Number(body.header.revision), key: at(each), value: 'both' }))
  }
  const range =
    what.kind === 'delete'
      ? { key: base64(at(what.key)) }
      : { key: base64(`${prefix}/`), range_end: base64(`${prefix}0`) }
  const { body } = await post(server, '/v3/kv/deleterange', { ...range, prev_kv: true })
  return (body.prev_kvs ?? []).map((kv: Json) => ({
    revision: Number(body.header.revision),
    key: plain(kv.key),
    value: undefined,
  }))
}

const atAddress = (server: Server, index: number): Server => {
  const url = server.urls[index % server.urls.length] ?? server.urls[0]
  return { ...server, urls: [url] }
}

const replayed = (applied: readonly Applied[]): Record<string, string> => {
  const state = new Map<string, string>()
  for (const { key: name, value } of applied) {
    if (value === undefined) state.delete(name)
    else state.set(name, value)
  }
  return Object.fromEntries([...state].toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

/** Watchers that have all seen `lastKey`, or as far as they came in 5 s. */
const followedUntil = (
  server: Server,
  { startRevision, watchers, lastKey }: { startRevision: number; watchers: readonly number[][]; lastKey: string },
): { followers: readonly Follower[]; seen: Promise<unknown> } => {
  const waits: Promise<void>[] = []
  const followers = watchers.map((cutAfterBytes, index) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    waits.push(promise)
    const urls = server.urls.map((_, offset) => atAddress(server, index + offset).urls[0])
    return follow({ urls, startRevision, cutAfterBytes }, (applied) => applied.key === lastKey && resolve())
  })
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise((resolve) => {
    timer = setTimeout(resolve, 5_000)
  })
  return { followers, seen: Promise.race([Promise.all(waits), limit]).finally(() => clearTimeout(timer)) }
}

describe.each(CANDIDATES)('$name', ({ isSkipped, start }) => {
  describe.skipIf(isSkipped)('with three members', () => {
    let server: Server
    beforeAll(async () => {
      server = await start(3)
    }, 30_000)
    afterAll(async () => await server?.remove())

    test('tells every watcher every change once and in order, however writers meet and connections are cut', async () => {
      await fc.assert(
        fc.asyncProperty(play, async ({ writers, watchers }) => {
          const prefix = newPrefix()
          const lastKey = `${prefix}/last`
          const startRevision = (await revisionOf(server)) + 1
          const { followers, seen } = followedUntil(server, { startRevision, watchers, lastKey })
          const written = await Promise.all(
            writers.map(async (acts, index) => {
              const done: Applied[] = []
              for (const what of acts) done.push(...(await perform(atAddress(server, index), prefix, what)))
              return done
            }),
          )
          await post(server, '/v3/kv/put', { key: base64(lastKey), value: base64('.') })
          await seen
          for (const follower of followers) follower.stop()
          // Writers know only their own; revisions say how they met. Within one revision keys stand as they were given.
          const expected = written.flat().toSorted((one, other) => one.revision - other.revision)
          const { kvs } = await readDirectory(server.urls[0], `${prefix}/`)
          const isOurs = ({ key: name }: Applied): boolean => name.startsWith(prefix) && name !== lastKey
          for (const { applied, violations } of followers) {
            expect(violations).toEqual([])
            expect(applied.filter(isOurs)).toEqual(expected)
            expect(replayed(applied.filter(isOurs))).toEqual(replayed(kvs.filter(isOurs)))
          }
        }),
        { numRuns: 20 },
      )
    }, 60_000)

    test('a directory read amid writes is of the revision it says', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(act, { minLength: 6, maxLength: 16 }), async (acts) => {
          const prefix = newPrefix()
          const done: Applied[] = []
          const reads: { revision: number; kvs: readonly Applied[] }[] = []
          let isWriting = true
          const reading = (async () => {
            while (isWriting) reads.push(await readDirectory(atAddress(server, reads.length).urls[0], `${prefix}/`))
          })()
          for (const [index, what] of acts.entries())
            done.push(...(await perform(atAddress(server, index), prefix, what)))
          isWriting = false
          await reading
          for (const { revision, kvs } of reads) {
            expect(replayed(kvs)).toEqual(replayed(done.filter((each) => each.revision <= revision)))
          }
        }),
        { numRuns: 15 },
      )
    }, 60_000)
  })
})
