import { describe, expect, test, vi } from 'vitest'
import { type Event, eventsOf } from '../history/event.ts'
import { clockSince } from '../time/clock.ts'
import type { Node } from '../topology/topology.ts'
import { type StreamWorld, startChangeStream } from './change-stream.ts'

const gateway: Node = {
  name: 'data-plane-1',
  role: 'data-plane',
  zone: 'a',
  containers: [
    { id: 'g', name: 'g', service: 'g', address: '10.0.0.1', image: 'i', ports: { control: { inside: 9092 } } },
  ],
}

/** A control plane and a gateway that has every change at once; `answer` is what the control plane says to a write. */
const inMemory = (answer: (count: number) => number | Error = () => 200) => {
  const routes = new Map<string, string>()
  const events: Event[] = []
  let [count, isDown, failedLooks, deletesToRefuse] = [0, false, 0, 0]
  const write: StreamWorld['write'] = async (key, value) => {
    if (value === null && deletesToRefuse > 0) {
      deletesToRefuse -= 1
      return { status: 503, body: {} }
    }
    count += 1
    const said = answer(count)
    if (said instanceof Error) throw said
    if (said < 300 && value === null) routes.delete(key)
    else if (said < 300 && value !== null) routes.set(key, value)
    return { status: said, body: {} }
  }
  const get = async () => {
    if (isDown) failedLooks += 1
    return answered()
  }
  const answered = () => ({
    ok: !isDown,
    status: isDown ? 0 : 200,
    headers: {},
    body: JSON.stringify([...routes].map(([id, desc]) => ({ value: { id, desc }, modifiedIndex: 1 }))),
    from: 0,
    to: 0,
  })
  const recorder = { record: (event: Event) => void events.push(event) } as unknown as StreamWorld['recorder']
  const read: StreamWorld['read'] = async () => new Map(routes)
  const world: StreamWorld = { write, read, callers: { get }, gateways: [gateway], recorder, clock: clockSince() }
  const lose = (isLost: boolean): void => {
    isDown = isLost
  }
  const refuseDeletes = (times: number): void => {
    deletesToRefuse = times
  }
  return { world, routes, events, lose, refuseDeletes, failedLooks: () => failedLooks }
}

/** Without the part of chance that is each stream's own: 'stream-1'. */
const keyOf = (key: string): string => key.replace(/^stream-[0-9a-f]{4}-/, 'stream-')

const valuesOf = (values: Readonly<Record<string, string | null>> | undefined) =>
  Object.fromEntries(Object.entries(values ?? {}).map(([key, value]) => [keyOf(key), value]))

const stagesOf = (events: readonly Event[]): readonly string[] =>
  eventsOf(events, 'write').map(({ id, key, value, stage }) => `${id} ${keyOf(key)}=${value} ${stage}`)

const views = (events: readonly Event[]) => eventsOf(events, 'view')

test.concurrent('one write after another is on record, with what became of it', async () => {
  const answers: Record<number, number | Error> = { 2: 409, 3: 503, 4: new Error('nobody answered') }
  const { world, events } = inMemory((count) => answers[count] ?? 200)
  const stream = startChangeStream(world)
  await vi.waitFor(() => expect(stagesOf(events).length).toBeGreaterThanOrEqual(10), { timeout: 5000 })
  await stream.end()
  expect(stagesOf(events).slice(0, 10)).toEqual([
    'write-1 stream-1=write-1 sent',
    'write-1 stream-1=write-1 accepted',
    'write-2 stream-2=write-2 sent',
    'write-2 stream-2=write-2 refused',
    'write-3 stream-4=write-3 sent',
    'write-3 stream-4=write-3 unknown',
    'write-4 stream-5=write-4 sent',
    'write-4 stream-5=write-4 unknown',
    'write-5 stream-6=write-5 sent',
    'write-5 stream-6=write-5 accepted',
  ])
  const told = eventsOf(events, 'write').filter(({ because }) => because !== undefined)
  expect(told.slice(0, 3).map(({ status, because }) => [status, because])).toEqual([
    [409, 'status 409: no error_msg'],
    [503, 'status 503: no error_msg'],
    [undefined, 'nobody answered'],
  ])
})

test.concurrent('a gateway’s view is on record when it changes, and once more at the end', async () => {
  const { world, events } = inMemory()
  const stream = startChangeStream(world)
  await vi.waitFor(() => expect(valuesOf(views(events).at(-1)?.values)['stream-2']).toBe('write-2'), { timeout: 5000 })
  await stream.stop()
  const written = eventsOf(events, 'write').filter(({ stage }) => stage === 'accepted').length
  await stream.end()
  const last = views(events).at(-1)
  const [latest] = eventsOf(events, 'write').slice(-1)
  expect(eventsOf(events, 'write').filter(({ stage }) => stage === 'accepted')).toHaveLength(written)
  expect(last?.values[latest?.key ?? '']).toBe(latest?.value)
  expect(views(events).every(({ lastLookAt, at }) => lastLookAt <= at)).toBe(true)
})

test.concurrent('looks that fail end a stretch: the same view afterwards is on record anew', async () => {
  const { world, events, lose, failedLooks } = inMemory((count) => (count === 1 ? 200 : 409))
  const stream = startChangeStream(world)
  await vi.waitFor(() => expect(valuesOf(views(events).at(-1)?.values)['stream-1']).toBe('write-1'), { timeout: 5000 })
  await stream.stop()
  const before = views(events).length
  lose(true)
  await vi.waitFor(() => expect(failedLooks()).toBeGreaterThan(0), { timeout: 5000 })
  lose(false)
  await vi.waitFor(() => expect(views(events)).toHaveLength(before + 1), { timeout: 5000 })
  await stream.end()
})

test.concurrent('its routes are there until they are deleted, also where that has to be asked twice', async () => {
  const { world, routes, events, refuseDeletes } = inMemory()
  const stream = startChangeStream(world)
  await vi.waitFor(() => expect(stagesOf(events).length).toBeGreaterThanOrEqual(4), { timeout: 5000 })
  await stream.end()
  expect(routes.size).toBeGreaterThan(0)
  refuseDeletes(1)
  await stream.tidy()
  expect([...routes]).toEqual([])
})

test.concurrent('a route that will not be deleted is told', async () => {
  const { world, events, refuseDeletes } = inMemory()
  const stream = startChangeStream(world)
  await vi.waitFor(() => expect(stagesOf(events).length).toBeGreaterThanOrEqual(2), { timeout: 5000 })
  await stream.end()
  refuseDeletes(Infinity)
  await expect(stream.tidy()).rejects.toThrow(/could not be deleted: status 503/)
})

test.concurrent('what was acknowledged before a write failed is never written to again, and looked at until the end', async () => {
  const { world, events } = inMemory((count) => (count === 3 ? 503 : 200))
  const stream = startChangeStream(world)
  await vi.waitFor(() => expect(stagesOf(events).length).toBeGreaterThanOrEqual(14), { timeout: 5000 })
  await stream.end()
  const written = eventsOf(events, 'write').filter(({ stage }) => stage === 'sent')
  expect(written.slice(0, 7).map(({ key }) => keyOf(key))).toEqual([
    ...['stream-1', 'stream-2', 'stream-3'],
    ...['stream-4', 'stream-5', 'stream-6', 'stream-4'],
  ])
  expect(valuesOf(views(events).at(-1)?.values)).toMatchObject({ 'stream-1': 'write-1', 'stream-2': 'write-2' })
})

test.concurrent('three routes are set, deleted and set again, and after fifteen writes left as they are', {
  timeout: 10_000,
}, async () => {
  const { world, events } = inMemory()
  const stream = startChangeStream(world)
  await vi.waitFor(() => expect(stagesOf(events).length).toBeGreaterThanOrEqual(32), { timeout: 8000 })
  await stream.end()
  const written = eventsOf(events, 'write').filter(({ stage }) => stage === 'sent')
  const ofFirst = written.filter(({ key }) => keyOf(key) === 'stream-1').map(({ value }) => value)
  expect(ofFirst).toEqual(['write-1', 'write-4', 'write-7', null, 'write-13'])
  expect(keyOf(written[15]?.key ?? '')).toBe('stream-4')
})

test.concurrent('it ends once gateways show what was accepted last, however late that is after the last write', async () => {
  const { world, events, routes } = inMemory()
  // A gateway that shows everything half a second late.
  const past: { readonly at: number; readonly body: string }[] = [{ at: -Infinity, body: '[]' }]
  const get: StreamWorld['callers']['get'] = async () => {
    const at = world.clock.now()
    past.push({ at, body: JSON.stringify([...routes].map(([id, desc]) => ({ value: { id, desc } }))) })
    const body = past.findLast((each) => each.at <= at - 500)?.body ?? '[]'
    return { ok: true, status: 200, headers: {}, body, from: at, to: at }
  }
  const stream = startChangeStream({ ...world, callers: { get } })
  await vi.waitFor(() => expect(stagesOf(events).length).toBeGreaterThanOrEqual(8), { timeout: 5000 })
  await stream.end()
  const accepted = eventsOf(events, 'write').filter(({ stage }) => stage === 'accepted')
  const last = Object.fromEntries(accepted.map(({ key, value }) => [key, value]))
  expect(views(events).at(-1)?.values).toMatchObject(last)
})

test.concurrent('no route is deleted of which nobody knows that it is there: that nothing was found to delete is no word on whether changes are taken', {
  timeout: 10_000,
}, async () => {
  const { world, events } = inMemory(() => 503)
  const stream = startChangeStream(world)
  await vi.waitFor(() => expect(eventsOf(events, 'write').length).toBeGreaterThanOrEqual(30), { timeout: 8000 })
  await stream.end({ isBrief: true })
  expect(eventsOf(events, 'write').filter(({ value }) => value === null)).toEqual([])
})

test.concurrent('what the control plane itself has is on record in the end, before the routes are deleted', async () => {
  const { world, events } = inMemory()
  const stream = startChangeStream(world)
  await vi.waitFor(() => expect(stagesOf(events).length).toBeGreaterThanOrEqual(4), { timeout: 5000 })
  await stream.end()
  const [kept, ...more] = eventsOf(events, 'kept')
  expect(more).toEqual([])
  expect(valuesOf(kept?.values ?? {})).toMatchObject({ 'stream-1': 'write-1', 'stream-2': 'write-2' })
})

describe.concurrent('told to stop as a write comes to nothing', () => {
  const cameTo = (events: readonly Event[]) => eventsOf(events, 'write').map(({ stage }) => stage)

  /** A stream whose writes come to nothing from some time on; `heal` ends that. */
  const refused = async () => {
    let isRefusing = false
    const { world, events } = inMemory(() => (isRefusing ? 503 : 200))
    const stream = startChangeStream(world)
    await vi.waitFor(() => expect(cameTo(events).length).toBeGreaterThanOrEqual(4), { timeout: 5000 })
    isRefusing = true
    await vi.waitFor(() => expect(cameTo(events)).toContain('unknown'), { timeout: 5000 })
    const heal = (): void => {
      isRefusing = false
    }
    return { stream, events, heal }
  }

  test('it goes on until one is accepted', async () => {
    const { stream, events, heal } = await refused()
    const stopped = stream.stop()
    heal()
    await stopped
    expect(cameTo(events).at(-1)).toBe('accepted')
    const count = cameTo(events).length
    await stream.end()
    expect(cameTo(events)).toHaveLength(count)
  })

  test('it does not go on for ever', async () => {
    const { stream, events } = await refused()
    const before = cameTo(events).length
    const startedAt = performance.now()
    await stream.stop()
    expect(performance.now() - startedAt).toBeGreaterThan(2500)
    // Each request a while after the one before: one that is never paused is load.
    expect(cameTo(events).length - before).toBeLessThan(40)
    expect(cameTo(events).at(-1)).toBe('unknown')
  })

  test('it goes on for nothing where nobody waits for its end', async () => {
    const { stream, events } = await refused()
    const before = cameTo(events).filter((stage) => stage === 'sent').length
    await stream.end({ isBrief: true })
    expect(cameTo(events).filter((stage) => stage === 'sent').length - before).toBeLessThanOrEqual(1)
  })
})

test.concurrent('a control plane that does not say what it has is on record as silent', async () => {
  const { world, events } = inMemory()
  const read = () => Promise.reject(new Error('nobody answers'))
  const stream = startChangeStream({ ...world, read, saidWithinMs: 1000 })
  await vi.waitFor(() => expect(stagesOf(events).length).toBeGreaterThanOrEqual(4), { timeout: 5000 })
  await stream.end()
  expect(eventsOf(events, 'kept')).toMatchObject([{ values: null }])
})

describe.concurrent('a gateway', () => {
  /** Looks at the one gateway, each answered by `get` instead of by what there is. */
  const lookedAt = async (get: (answered: () => ReturnType<Get>) => ReturnType<Get>, looks = 3) => {
    const memory = inMemory()
    let count = 0
    const stream = startChangeStream({
      ...memory.world,
      callers: {
        get: (url, options) => {
          count += 1
          return get(() => memory.world.callers.get(url, options))
        },
      },
    })
    await vi.waitFor(() => expect(count).toBeGreaterThanOrEqual(looks), { timeout: 5000 })
    return { ...memory, stream }
  }
  type Get = StreamWorld['callers']['get']
  const LOST = new Error('The callers could not GET it: they are gone')

  test.each<[string, () => ReturnType<Get>, RegExp]>([
    ['the callers never look at', () => Promise.reject(LOST), /nobody saw what data-plane-1 shows: .*they are gone/],
    [
      'never answers',
      async () => ({ ok: false, status: 0, headers: {}, body: '', from: 0, to: 0, error: 'ECONNREFUSED' }),
      /nobody saw what data-plane-1 shows: ECONNREFUSED/,
    ],
    [
      'answers with what is no JSON',
      async () => ({ ok: true, status: 200, headers: {}, body: '[{"value":', from: 0, to: 0 }),
      /nobody saw what data-plane-1 shows: its answer cannot be read/,
    ],
    [
      'answers with more than fits',
      async () => ({ ok: true, status: 200, headers: {}, body: '[]', isCut: true, from: 0, to: 0 }),
      /data-plane-1 shows: its answer cannot be read, the answer was cut at 640 kB/,
    ],
  ])('that %s ends nothing amid the drill, and is a doubt in its end', async (_, get, doubt) => {
    const { stream, events } = await lookedAt(get)
    await expect(stream.end()).rejects.toThrow(doubt)
    expect(views(events)).toEqual([])
    // What the control plane has is asked for all the same.
    expect(eventsOf(events, 'kept')).toHaveLength(1)
  })

  test('that cannot be looked at for a while is no doubt', async () => {
    let count = 0
    const { stream, events } = await lookedAt((answered) => {
      count += 1
      return count === 2 ? Promise.reject(LOST) : answered()
    }, 4)
    await stream.end()
    expect(views(events).length).toBeGreaterThan(0)
  })

  test('that answered at first, and in the end with what nobody can read, is a doubt', async () => {
    let isCut = false
    const { stream } = await lookedAt(async (answered) => ({ ...(await answered()), ...(isCut && { isCut }) }))
    isCut = true
    await expect(stream.end()).rejects.toThrow(/its answer cannot be read/)
  })

  test('that has no control port is a doubt', async () => {
    const { world } = inMemory()
    const blind: Node = { ...gateway, containers: gateway.containers.map((each) => ({ ...each, ports: {} })) }
    await expect(startChangeStream({ ...world, gateways: [blind] }).end()).rejects.toThrow('it has no control port')
  })

  test('that took its time to answer showed what it did when it was asked, and nobody knows for how long after', async () => {
    const memory = inMemory()
    const { clock } = memory.world
    const asked: number[] = []
    const get: Get = async (url) => {
      const from = clock.now()
      asked.push(from)
      const answer = await memory.world.callers.get(url)
      await new Promise((resolve) => setTimeout(resolve, 300))
      return { ...answer, from, to: clock.now() }
    }
    const stream = startChangeStream({ ...memory.world, callers: { get } })
    await vi.waitFor(() => expect(views(memory.events).length).toBeGreaterThanOrEqual(3), { timeout: 8000 })
    await stream.end({ isBrief: true })
    const [, ...later] = views(memory.events)
    expect(later.map(({ lastLookAt }) => asked.includes(lastLookAt))).toEqual(later.map(() => true))
  })
})
