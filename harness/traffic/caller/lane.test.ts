import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ERROR_CLASSES, type ErrorClass } from '../../history/call.ts'
import { RECORD_BYTES, readRecord } from '../../history/call-record.ts'
import { manualClock } from '../../time/clock.ts'
import { type HostileServer, startHostileServer } from '../hostile-server.fixture.ts'
import { createLane } from './lane.ts'
import { createPulse } from './pulse.ts'

let server: HostileServer

beforeEach(async () => {
  server = await startHostileServer()
})

afterEach(() => server.close())

/** A lane on a clock that is moved by hand, before a real server: only the times are made up. */
const laneAt = (rate: number, deadlineMs: number, behaviour = 'answered') => {
  const clock = manualClock()
  const pulse = createPulse()
  const ended: { index: number; errorClass: ErrorClass; lateMs: number; latencyMs: number }[] = []
  const order = {
    lane: 'x',
    connections: 'kept-alive' as const,
    method: 'GET',
    url: `${server.url}/${behaviour}/`,
    headers: {},
    rate,
    deadlineMs,
    expectStatus: 200,
    expectEcho: true,
    nodeHeaders: ['x-firedrill-node'],
    nodes: [],
    knownAs: {},
    requestIdPrefix: 'x.',
  }
  const lane = createLane(order, { t0: 0, address: '127.0.0.1', now: clock.now, pulse })
  const read = (): void => {
    const rows = lane.rows()
    if (!rows) return
    const view = new DataView(rows.buffer)
    for (let offset = 0; offset < rows.length; offset += RECORD_BYTES) {
      const { index, errorClass, lateUs, latencyUs } = readRecord(view, offset)
      ended.push({
        index,
        errorClass: ERROR_CLASSES[errorClass] ?? 'other',
        lateMs: lateUs / 1000,
        latencyMs: latencyUs / 1000,
      })
    }
  }
  return {
    lane,
    ended,
    /** Time passes, and the loop turns once. */
    turn: (ms: number): number => {
      clock.advance(ms)
      pulse.beat(clock.now())
      return lane.send(clock.now())
    },
    /** Time passes, and the loop does not turn. */
    sleep: (ms: number) => clock.advance(ms),
    expire: () => lane.expire(clock.now()),
    close: async () => {
      const { count } = await lane.close(clock.now())
      read()
      return count
    },
    until: (count: number) =>
      vi.waitFor(
        () => {
          read()
          expect(ended).toHaveLength(count)
        },
        { timeout: 10_000, interval: 2 },
      ),
  }
}

const countOf = (ended: readonly { errorClass: ErrorClass }[], errorClass: ErrorClass): number =>
  ended.filter((call) => call.errorClass === errorClass).length

test('a turn sends what is due and nothing before, and says when the next call is', async () => {
  const { turn, until, close } = laneAt(100, 1000)
  expect(turn(0)).toBe(10)
  await until(1)
  expect(turn(9.5)).toBe(10)
  expect(turn(25)).toBe(40)
  await until(4)
  expect(await close()).toBe(4)
})

test('lateness and latency count from the schedule', async () => {
  const { turn, until, ended, close } = laneAt(100, 1000)
  turn(7)
  turn(5)
  await until(2)
  expect(ended.map(({ index, lateMs }) => ({ index, lateMs }))).toEqual([
    { index: 0, lateMs: 7 },
    { index: 1, lateMs: 2 },
  ])
  expect(ended.find(({ index }) => index === 1)?.latencyMs).toBe(2)
  await close()
})

test('a call that was answered leaves nothing to expire', async () => {
  const { turn, lane, until, close } = laneAt(100, 1000)
  turn(0)
  expect(lane.hasExpired(1000)).toBe(true)
  await until(1)
  expect(lane.hasExpired(1000)).toBe(false)
  await close()
})

test('after a sleep of ours all that can still make it is sent, and nothing is shed', async () => {
  const { turn, until, ended, close } = laneAt(200, 2000)
  turn(0)
  await until(1)
  turn(900)
  await until(181)
  expect(countOf(ended, 'none')).toBe(181)
  await close()
})

test('a call that is half its deadline late is sent, and a later one is not', async () => {
  const { turn, until, ended, close } = laneAt(100, 200)
  turn(0)
  await until(1)
  turn(310)
  await until(32)
  expect(ended.filter(({ errorClass }) => errorClass === 'generator-late').map(({ index }) => index)).toEqual(
    Array.from({ length: 20 }, (_, i) => i + 1),
  )
  expect(countOf(ended, 'none')).toBe(12)
  await close()
})

test('an answer that was there when we woke is in time, though its deadline passed in our sleep', async () => {
  const { turn, until, ended, close } = laneAt(10, 100)
  turn(0)
  turn(90)
  // Time jumps before the answer is read.
  turn(400)
  await until(5)
  expect(ended.find(({ index }) => index === 0)).toMatchObject({ errorClass: 'none', latencyMs: 490 })
  await close()
})

test('an answer that came too late while we were awake is unanswered', async () => {
  const { turn, until, ended, close } = laneAt(10, 100)
  turn(0)
  for (let i = 0; i < 61; i++) turn(2)
  await until(2)
  expect(ended.find(({ index }) => index === 0)).toMatchObject({ errorClass: 'deadline', latencyMs: 122 })
  await close()
})

test('a call out at its deadline is ended there, and never a second time', async () => {
  const { turn, until, ended, expire, close } = laneAt(10, 100, 'never')
  turn(0)
  await vi.waitFor(() => expect(server.ids.size).toBe(1))
  for (let i = 0; i < 34; i++) turn(3)
  expire()
  await until(1)
  expect(ended).toEqual([{ index: 0, errorClass: 'deadline', lateMs: 0, latencyMs: 102 }])
  const closing = close()
  turn(100)
  expire()
  expect(await closing).toBe(2)
  expect(ended.map(({ index, errorClass }) => ({ index, errorClass }))).toEqual([
    { index: 0, errorClass: 'deadline' },
    { index: 1, errorClass: 'deadline' },
  ])
})

test('closing sends what is due by then, waits for it, and schedules nothing more', async () => {
  const { turn, sleep, lane, ended, close } = laneAt(100, 1000)
  turn(0)
  sleep(35)
  const closing = close()
  expect(lane.send(1000)).toBe(Number.POSITIVE_INFINITY)
  expect(await closing).toBe(4)
  expect(countOf(ended, 'none')).toBe(4)
})

describe('a ramp', () => {
  test('begins with the interval after the next, keeps every instant before it, and holds the rate that it came to', async () => {
    const { turn, lane, until, ended, close } = laneAt(100, 5000)
    expect(turn(0)).toBe(10)
    expect(lane.ramp(0, { to: 400, overMs: 1000 })).toEqual({ index: 2, to: 400, overMs: 1000 })
    expect(turn(10)).toBe(20)
    // From call 2, at 20 ms, on 250 calls in a second, and 400 in the next.
    expect(turn(1009.9)).toBeCloseTo(1020, 6)
    await until(252)
    expect(turn(1000)).toBeCloseTo(2020, 6)
    await until(652)
    expect(countOf(ended, 'none')).toBe(652)
    await close()
  })

  test('begins in the interval after the one that runs where calls are still owed from before', async () => {
    const { sleep, turn, lane, close } = laneAt(100, 5000)
    turn(0)
    sleep(95)
    expect(lane.ramp(95, { to: 50, overMs: 0 }).index).toBe(10)
    expect(turn(10)).toBe(120)
    await close()
  })

  test('to fewer calls sends none that is not due any more', async () => {
    const { turn, lane, until, close } = laneAt(100, 5000)
    turn(0)
    lane.ramp(0, { to: 10, overMs: 0 })
    turn(1019)
    await until(12)
    expect(await close()).toBe(12)
  })

  test('that is cut off by a stop loses no call: as many are sent as were due by then', async () => {
    const { turn, sleep, lane, ended, close } = laneAt(100, 5000)
    turn(0)
    lane.ramp(0, { to: 400, overMs: 1000 })
    // 100 calls a second at 20 ms, 250 at 520 ms: 87.5 calls in between.
    sleep(520)
    expect(await close()).toBe(90)
    expect(countOf(ended, 'none')).toBe(90)
  })

  test('lets as many calls be out as the higher of its rates wants', async () => {
    const { turn, lane, until, ended, close } = laneAt(10, 1000)
    turn(0)
    await until(1)
    lane.ramp(0, { to: 1000, overMs: 0 })
    // 28 calls may be out at ten a second.
    turn(300)
    await until(103)
    expect(countOf(ended, 'shed')).toBe(0)
    await close()
  })
})
