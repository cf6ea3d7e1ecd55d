import { once } from 'node:events'
import net from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type ErrorClass, FLAGS, type Lane } from '../history/call.ts'
import type { LanePlan } from './callers.ts'
import { type Behaviour, startHostileServer } from './hostile-server.fixture.ts'
import { type StreamBehaviour, startHostileStreams } from './hostile-streams.fixture.ts'
import { classesOf, closedLane, type SpawnedCallers, spawnCallers, untilEnded } from './spawned-callers.fixture.ts'
import { CERTIFICATE, FOREIGN } from './tls-identity.fixture.ts'

// Beside other tests on two cores everything takes its time; what is measured is not.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 })

let spawned: SpawnedCallers

beforeEach(async () => {
  spawned = await spawnCallers()
})

afterEach(() => spawned.callers.stop())

const plan = (lane: string, more: Partial<LanePlan> & { url: string }): LanePlan => ({
  lane,
  purpose: 'callers',
  zone: 'outside',
  connections: 'kept-alive',
  rate: 20,
  deadlineMs: 1500,
  expectEcho: true,
  ...more,
})

/** One way to fail: what the server does, and what the call is to count as. */
type Way<B> = readonly [does: B, errorClass: ErrorClass]

/** What either protocol can do, and comes to the same. */
const OVER_ANY = [
  ['answered', 'none'],
  ['spaced', 'none'],
  ['close-when-idle', 'none'],
  ['server-error', 'server-error'],
  ['client-error', 'client-error'],
  ['redirect', 'other-status'],
  ['mismatch', 'mismatch'],
  ['truncated', 'truncated'],
  ['truncated-by-reset', 'truncated'],
] as const

const OVER_HTTP1: readonly Way<Behaviour>[] = [
  ...OVER_ANY,
  ['endless-then-reset', 'truncated'],
  ['connection-reset', 'connection-reset'],
  ['connection-closed', 'connection-closed'],
  ['garbage', 'other'],
  ['never', 'deadline'],
  ['slow-loris', 'deadline'],
]

/** What one call does to the connection, it does to all that share it. */
const OF_THE_CONNECTION = ['truncated-by-reset', 'connection-reset', 'connection-closed'] as const

const OVER_HTTP2: readonly Way<StreamBehaviour>[] = [
  ...OVER_ANY,
  ['short', 'truncated'],
  ['stream-reset', 'connection-reset'],
  ['stream-refused', 'connection-reset'],
  ['connection-reset', 'connection-reset'],
  ['connection-closed', 'connection-closed'],
  ['never', 'deadline'],
  ['slow-loris', 'deadline'],
]

interface Hostile {
  readonly url: string
  readonly ids: ReadonlyMap<string, number>
  close(): Promise<void>
}

const METHODS = {
  GET: { method: 'GET' },
  POST: { method: 'POST', body: '{"order":1}' },
} as const

const lanesFor = (
  does: string,
  protocol: 'h2' | undefined,
): readonly (readonly [lane: string, connections: 'kept-alive' | 'new'])[] => {
  const isShared = protocol === 'h2' && OF_THE_CONNECTION.some((each) => each === does)
  return isShared
    ? [[`${does}-new`, 'new']]
    : [
        [does, 'kept-alive'],
        [`${does}-new`, 'new'],
      ]
}

/** So many ways at a time: more of them would only measure the machine. */
const AT_ONCE = 4

/** Opens two lanes for each way, lets some calls of each end, and holds each lane against what the server counted. */
const playAll = async <B extends string>(
  server: Hostile,
  ways: readonly Way<B>[],
  more: Partial<LanePlan>,
): Promise<void> => {
  for (let i = 0; i < ways.length; i += AT_ONCE) await playSome(server, ways.slice(i, i + AT_ONCE), more)
}

const playSome = async <B extends string>(
  server: Hostile,
  ways: readonly Way<B>[],
  more: Partial<LanePlan>,
): Promise<void> => {
  const lanes = ways.flatMap((way) =>
    lanesFor(way[0], more.protocol).map(([lane, connections]) => ({ way, lane, connections })),
  )
  for (const { way, lane, connections } of lanes) {
    const [does, errorClass] = way
    // Only where the deadline is what is looked at may it pass.
    const deadlineMs = errorClass === 'deadline' ? 800 : 10_000
    await spawned.callers.open(plan(lane, { ...more, connections, deadlineMs, url: `${server.url}/${does}/${lane}` }))
  }
  for (const { lane } of lanes) await untilEnded(spawned, lane, 6)
  for (const { way, lane } of lanes)
    holds(await closedLane(spawned, lane), way, { ids: server.ids, method: more.method })
}

/** The server knows calls by their ids: one that was sent again is one call. */
const holds = (
  record: Lane,
  [does, errorClass]: Way<string>,
  { ids, method }: { ids: ReadonlyMap<string, number>; method: string | undefined },
): void => {
  const { lane, requestIdPrefix, protocol } = record.header
  const seen = [...ids.keys()].filter((id) => id.startsWith(requestIdPrefix)).length
  // What a starved generator did not send, the server cannot have seen.
  const { shed = 0, 'generator-late': late = 0, ...classes } = classesOf(record)
  const { 'connection-reset': reset = 0, 'connection-closed': closed = 0, ...others } = classes
  // Node's HTTP/2 does not always hear whether it was a reset; and on a busy machine a farewell may cross a call for long.
  const isEitherCut = protocol === 'h2' && ['connection-reset', 'connection-closed'].includes(errorClass)
  const cutAllTheSame = does === 'close-when-idle' ? reset + closed : 0
  const counted = isEitherCut ? { ...others, [errorClass]: reset + closed } : classes
  const asExpected = cutAllTheSame > 0 ? others : counted
  expect({ lane, classes: asExpected, count: record.count - late }).toEqual({
    lane,
    classes: { [errorClass]: seen - cutAllTheSame },
    count: seen + shed,
  })
  expect(cutAllTheSame).toBeLessThanOrEqual(seen / 2)
  // Only where nobody is ever answered may the generator hold calls back.
  if (errorClass !== 'deadline') expect({ lane, shed }).toEqual({ lane, shed: 0 })
  const lost = errorClass === 'none' ? cutAllTheSame : seen
  expect({ lane, mayHaveHappened: countWith(record, FLAGS.mayHaveHappened) }).toEqual({
    lane,
    mayHaveHappened: method === 'POST' ? lost : 0,
  })
}

const responseMs = ({ latencyUs, lateUs }: Lane, i: number): number => ((latencyUs[i] ?? 0) - (lateUs[i] ?? 0)) / 1000

const countWith = ({ flags }: Lane, flag: number): number => flags.filter((each) => (each & flag) !== 0).length

describe.each(Object.values(METHODS))(
  'every way to fail is counted exactly, as the server knows it: $method',
  (more) => {
    test.each([
      ['HTTP', false],
      ['HTTPS', true],
    ])('over %s', async (_, isSecure) => {
      const server = await startHostileServer({ isSecure })
      await playAll(server, OVER_HTTP1, more)
      await server.close()
    })

    test('over HTTP/2', async () => {
      const server = await startHostileStreams()
      await playAll(server, OVER_HTTP2, { ...more, protocol: 'h2' })
      await server.close()
    })
  },
)

describe('a connection that had served before and is closed under a call', () => {
  const played = async (more: Partial<LanePlan>): Promise<Lane> => {
    const server = await startHostileServer()
    await spawned.callers.open(plan('reused', { ...more, url: `${server.url}/close-when-reused/` }))
    await untilEnded(spawned, 'reused', 20)
    const lane = await closedLane(spawned, 'reused')
    expect(server.requests.get('/close-when-reused/')).toBe(lane.count + countWith(lane, FLAGS.sentAgain))
    await server.close()
    return lane
  }

  test('costs no GET: it is sent again on a connection of its own, once, and says so', async () => {
    const lane = await played(METHODS.GET)
    // What was out for longer than 20 ms was in the server's hands: on a starved machine some are.
    const inHand = Array.from(lane.errorClass, (each, i) => ({ each, ms: responseMs(lane, i) })).filter(
      ({ each }) => each !== 0,
    )
    expect(inHand.filter(({ ms }) => ms < 20)).toEqual([])
    expect(classesOf(lane).none).toBe(lane.count - inHand.length)
    expect(countWith(lane, FLAGS.sentAgain)).toBeGreaterThan(5)
  })

  test('costs a POST, which nobody may repeat unasked, and it may have happened', async () => {
    const lane = await played(METHODS.POST)
    const { none = 0, 'connection-closed': closed = 0, ...others } = classesOf(lane)
    expect(others).toEqual({})
    expect(none + closed).toBe(lane.count)
    expect(closed).toBeGreaterThan(5)
    expect(countWith(lane, FLAGS.mayHaveHappened)).toBe(closed)
    expect(countWith(lane, FLAGS.sentAgain)).toBe(0)
  })
})

test('a POST whose answer echoes another body than was sent is a mismatch, one that echoes it is none', async () => {
  const server = await startHostileServer()
  await spawned.callers.open(plan('half', { ...METHODS.POST, url: `${server.url}/half-taken/` }))
  await spawned.callers.open(plan('whole', { ...METHODS.POST, url: `${server.url}/answered/` }))
  for (const name of ['half', 'whole']) await untilEnded(spawned, name, 8)
  const [half, whole] = [await closedLane(spawned, 'half'), await closedLane(spawned, 'whole')]
  expect(classesOf(half)).toEqual({ mismatch: half.count })
  expect(classesOf(whole)).toEqual({ none: whole.count })
  await server.close()
})

describe('where no call can be made', () => {
  const opened = async (name: string, more: Partial<LanePlan> & { url: string }): Promise<Lane> => {
    await spawned.callers.open(plan(name, { ...METHODS.POST, ...more }))
    await untilEnded(spawned, name, 10)
    return closedLane(spawned, name)
  }

  test.each([
    ['HTTP', { url: 'http://127.0.0.1:1/' }],
    ['HTTPS', { url: 'https://127.0.0.1:1/' }],
    ['HTTP/2', { url: 'https://127.0.0.1:1/', protocol: 'h2' }],
  ] as const)('a port where nobody listens refuses every call over %s, and none of them was sent', async (_, more) => {
    const lane = await opened('nobody', more)
    expect(classesOf(lane)).toEqual({ 'connection-refused': lane.count })
    expect(new Set(lane.flags)).toEqual(new Set([0]))
  })

  test.each([{}, { protocol: 'h2' }] as const)(
    'a port that does not speak TLS fails every call in its handshake: %o',
    async (more) => {
      const plain = net.createServer((socket) =>
        socket.on('error', () => {}).once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
      )
      await once(plain.listen(0, '127.0.0.1'), 'listening')
      const lane = await opened('tls', {
        ...more,
        url: `https://127.0.0.1:${(plain.address() as net.AddressInfo).port}/`,
      })
      plain.close()
      expect(classesOf(lane)).toEqual({ 'tls-failure': lane.count })
      expect(new Set(lane.flags)).toEqual(new Set([0]))
    },
  )

  test('a port that speaks no HTTP/2 fails every call that wants it in its handshake', async () => {
    const server = await startHostileServer({ isSecure: true })
    const lane = await opened('alpn', { protocol: 'h2', url: `${server.url}/answered/` })
    expect(classesOf(lane)).toEqual({ 'tls-failure': lane.count })
    expect(server.requests.size).toBe(0)
    await server.close()
  })

  test('a certificate that is not of the given authority fails every call, one that is fails none', async () => {
    const server = await startHostileServer({ isSecure: true })
    const trusted = await opened('trusted', { ca: CERTIFICATE, url: `${server.url}/answered/` })
    expect(classesOf(trusted)).toEqual({ none: trusted.count })
    const foreign = await opened('foreign', { ca: FOREIGN, url: `${server.url}/answered/foreign` })
    expect(classesOf(foreign)).toEqual({ 'tls-failure': foreign.count })
    expect(server.requests.has('/answered/foreign')).toBe(false)
    await server.close()
  })
})

describe('a call that an HTTP/2 server says it did nothing with', () => {
  test('is sent once more, whatever its method, and not a third time', async () => {
    const server = await startHostileStreams()
    const url = `${server.url}/stream-refused/`
    await spawned.callers.open(plan('refused', { ...METHODS.POST, protocol: 'h2', url }))
    await untilEnded(spawned, 'refused', 10)
    const lane = await closedLane(spawned, 'refused')
    expect(new Set(server.ids.values())).toEqual(new Set([2]))
    expect(countWith(lane, FLAGS.sentAgain)).toBe(lane.count)
    await server.close()
  })
})

test.each(OF_THE_CONNECTION)('calls that share an HTTP/2 connection share its end: %s', async (does) => {
  const server = await startHostileStreams()
  const url = `${server.url}/${does}/`
  await spawned.callers.open(plan('shared', { ...METHODS.POST, protocol: 'h2', rate: 200, deadlineMs: 10_000, url }))
  await untilEnded(spawned, 'shared', 100)
  const lane = await closedLane(spawned, 'shared')
  const { none = 0, deadline = 0, mismatch = 0 } = classesOf(lane)
  expect({ none, deadline, mismatch }).toEqual({ none: 0, deadline: 0, mismatch: 0 })
  // Some are cut on the way, before the server has heard of them.
  expect(server.ids.size).toBeLessThanOrEqual(lane.count)
  await server.close()
})

test('over HTTP/2 calls share a connection, and a deadline on it makes the next calls take another', async () => {
  const server = await startHostileStreams()
  await spawned.callers.open(plan('shared', { protocol: 'h2', rate: 100, url: `${server.url}/answered/` }))
  await untilEnded(spawned, 'shared', 60)
  const shared = await closedLane(spawned, 'shared')
  expect(server.connections()).toBe(1)
  expect(countWith(shared, FLAGS.newConnection)).toBe(1)
  await spawned.callers.open(plan('dead', { protocol: 'h2', deadlineMs: 300, url: `${server.url}/never/` }))
  await untilEnded(spawned, 'dead', 20)
  const dead = await closedLane(spawned, 'dead')
  expect(server.connections()).toBe(1 + countWith(dead, FLAGS.newConnection))
  expect(countWith(dead, FLAGS.newConnection)).toBeGreaterThan(2)
  await server.close()
})

test('a port says which protocol it chooses, and one that shakes no hands says nothing', async () => {
  const [http1, h2, plain] = [
    await startHostileServer({ isSecure: true }),
    await startHostileStreams(),
    await startHostileServer(),
  ]
  const chosenBy = async ({ url }: { url: string }) => {
    const asked = { protocols: ['h2', 'http/1.1'], timeoutMs: 2000 }
    const { isMade, chosen } = await spawned.callers.negotiate('127.0.0.1', Number(new URL(url).port), asked)
    return [isMade, chosen]
  }
  expect(await Promise.all([http1, h2, plain].map(chosenBy))).toEqual([
    [true, 'http/1.1'],
    [true, 'h2'],
    [false, null],
  ])
  for (const server of [http1, h2, plain]) await server.close()
})
