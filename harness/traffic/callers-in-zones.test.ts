import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ERROR_CLASSES, outcomeOf } from '../history/call.ts'
import { readHistory } from '../history/read.ts'
import { type Callers, createLiveView } from './callers.ts'
import { callersInZones } from './callers-in-zones.ts'
import { type HostileServer, startHostileServer } from './hostile-server.fixture.ts'
import { openRecord, type SpawnedCallers, spawnCallers } from './spawned-callers.fixture.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let server: HostileServer
let outside: SpawnedCallers
let inB: SpawnedCallers
let callers: Callers

beforeEach(async () => {
  server = await startHostileServer()
  const shared = { ...openRecord(), live: createLiveView(null) }
  ;[outside, inB] = await Promise.all([
    spawnCallers(undefined, [], shared),
    spawnCallers(undefined, [], { ...shared, zone: 'b' }),
  ])
  callers = callersInZones(outside.callers, new Map([['b', inB.callers]]))
})

afterEach(async () => {
  await callers.stop().catch(() => {})
  await server.close()
})

const plan = (lane: string, zone: string) =>
  ({
    lane,
    purpose: 'callers',
    zone,
    connections: 'kept-alive',
    url: `${server.url}/answered/${lane}`,
    rate: 100,
    deadlineMs: 1500,
    expectEcho: true,
  }) as const

const untilEnded = (lane: string, count: number): Promise<void> =>
  vi.waitFor(() => expect(callers.live().lanes[lane]?.ended ?? 0).toBeGreaterThanOrEqual(count), {
    timeout: 20_000,
    interval: 10,
  })

test('each lane is sent by the callers of its zone, all are seen as one, and every call of every lane is on record', async () => {
  await callers.open(plan('kept-alive', 'outside'))
  await callers.open(plan('kept-alive-b', 'b'))
  await untilEnded('kept-alive', 120)
  await untilEnded('kept-alive-b', 120)
  // Either of them makes a hundred calls a second.
  await vi.waitFor(() => expect(callers.live().ended).toBeGreaterThan(120), { timeout: 20_000, interval: 10 })
  await callers.closeAll()
  await callers.stop()
  const { events, lanes } = await readHistory(outside.folder)
  const closed = events.flatMap((event) => (event.kind === 'lane-closed' ? [[event.lane, event.count]] : []))
  expect(closed.map(([lane]) => lane).sort()).toEqual(['kept-alive', 'kept-alive-b'])
  expect(lanes.map(({ header, count }) => [header.lane, count]).sort()).toEqual(closed.sort())
  for (const lane of lanes) {
    expect(lane.recorded.every((is) => is === 1)).toBe(true)
    const sent = lane.errorClass.filter((code) => outcomeOf(ERROR_CLASSES[code] ?? 'other') !== 'unsent').length
    expect(server.requests.get(`/answered/${lane.header.lane}`)).toBe(sent)
  }
  const clocks = events.flatMap((event) => (event.kind === 'clock' ? [event.zone ?? 'outside'] : []))
  expect([...new Set(clocks)].sort()).toEqual(['b', 'outside'])
})

test('when the callers of a zone are lost, the record names the zone and the others call on', async () => {
  await callers.open(plan('kept-alive', 'outside'))
  await callers.open(plan('kept-alive-b', 'b'))
  await untilEnded('kept-alive-b', 10)
  inB.process.kill('SIGKILL')
  await vi.waitFor(() => expect(callers.lost()).not.toBeNull(), { timeout: 10_000 })
  const before = callers.live().lanes['kept-alive']?.ended ?? 0
  await untilEnded('kept-alive', before + 50)
  const lost = outside.recorder.events().filter((event) => event.kind === 'generator-lost')
  expect(lost).toMatchObject([{ zone: 'b' }])
  await callers.closeAll()
  expect((await readHistory(outside.folder)).lanes.map(({ header }) => header.lane).sort()).toEqual([
    'kept-alive',
    'kept-alive-b',
  ])
})

test('a lane in a zone where nobody stands is refused', async () => {
  await expect(callers.open(plan('x', 'c'))).rejects.toThrow(/zone c: nobody stands there/)
})
