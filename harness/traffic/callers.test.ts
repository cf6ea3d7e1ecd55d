import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ERROR_CLASSES, FLAGS, type Lane, NO_NODE, outcomeOf, scheduledAt } from '../history/call.ts'
import { readLane } from '../history/calls-file.ts'
import { eventsOf } from '../history/event.ts'
import { callMix } from '../history/mix.ts'
import { readHistory } from '../history/read.ts'
import type { RequestOrder } from './caller/protocol.ts'
import type { LanePlan } from './callers.ts'
import { type HostileServer, startHostileServer } from './hostile-server.fixture.ts'
import {
  classesOf,
  closedLane,
  type SpawnedCallers,
  spawnCallers,
  spawnProgram,
  untilEnded as untilLaneEnded,
} from './spawned-callers.fixture.ts'

// Beside other tests on two cores everything takes its time; what is measured is not.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let server: HostileServer
let spawned: SpawnedCallers

beforeEach(async () => {
  server = await startHostileServer()
  spawned = await spawnCallers()
})

afterEach(async () => {
  await spawned.callers.stop()
  await server.close()
})

const plan = (lane: string, more: Partial<LanePlan> = {}): LanePlan => ({
  lane,
  purpose: 'callers',
  zone: 'outside',
  connections: 'kept-alive',
  url: `${server.url}/answered/${lane}`,
  rate: 100,
  deadlineMs: 1500,
  expectEcho: true,
  ...more,
})

const untilEnded = (lane: string, count: number): Promise<void> => untilLaneEnded(spawned, lane, count)

const closed = (name: string): Promise<Lane> => closedLane(spawned, name)

const stalls = (): readonly { from: number; to: number }[] =>
  eventsOf(spawned.recorder.events(), 'generator-stall').map((stall) => ({
    from: stall.at - stall.stallMs,
    to: stall.at,
  }))

test('the node that answered is kept where the plan knows it, and the status of every call', async () => {
  await spawned.callers.open(plan('known'))
  await spawned.callers.open(plan('expected', { url: `${server.url}/client-error/`, expectStatus: 404 }))
  await untilEnded('expected', 10)
  const lane = await closed('known')
  const expected = await closed('expected')
  expect(new Set(lane.node)).toEqual(new Set([lane.header.nodes.indexOf('data-plane-2')]))
  expect(new Set(lane.status)).toEqual(new Set([200]))
  expect(classesOf(expected)).toEqual({ none: expected.count })
  expect(new Set(expected.status)).toEqual(new Set([404]))
})

test('behind a balancer that only forwards connections, the address that the upstream saw tells the node', async () => {
  await spawned.callers.open(plan('via', { url: `${server.url}/answered-via/` }))
  await untilEnded('via', 5)
  const lane = await closed('via')
  expect(new Set(lane.node)).toEqual(new Set([lane.header.nodes.indexOf('data-plane-1')]))
})

test('a call nobody answered has no node', async () => {
  await spawned.callers.open(plan('reset', { url: `${server.url}/connection-reset/` }))
  await untilEnded('reset', 5)
  expect(new Set((await closed('reset')).node)).toEqual(new Set([NO_NODE]))
})

test('a POST whose bytes went out may have happened; a GET cut off the same way may be sent again', async () => {
  await spawned.callers.open(
    plan('post', { url: `${server.url}/connection-reset/`, method: 'POST', body: '{"order":1}' }),
  )
  await spawned.callers.open(plan('get', { url: `${server.url}/connection-reset/` }))
  await spawned.callers.open(plan('post-answered', { method: 'POST', body: '{"order":1}' }))
  await untilEnded('post-answered', 10)
  const has = (lane: Lane): boolean[] => [
    ...new Set([...lane.flags].map((flags) => (flags & FLAGS.mayHaveHappened) !== 0)),
  ]
  expect(has(await closed('post'))).toEqual([true])
  expect(has(await closed('get'))).toEqual([false])
  const answered = await closed('post-answered')
  expect(has(answered)).toEqual([false])
  expect(classesOf(answered)).toEqual({ none: answered.count })
})

test('a lane of new connections opens one for each call; a kept-alive lane reuses what it has', async () => {
  await spawned.callers.open(plan('new', { connections: 'new', rate: 200 }))
  await untilEnded('new', 100)
  const fresh = await closed('new')
  expect(server.connections()).toBe(fresh.count)
  expect([...fresh.flags].every((flags) => (flags & FLAGS.newConnection) !== 0)).toBe(true)
  await spawned.callers.open(plan('kept', { rate: 200 }))
  await untilEnded('kept', 100)
  const kept = await closed('kept')
  const opened = [...kept.flags].filter((flags) => (flags & FLAGS.newConnection) !== 0).length
  expect(server.connections()).toBe(fresh.count + opened)
  expect(opened).toBeLessThan(kept.count / 4)
})

describe('while the server stalls', () => {
  test('calls are scheduled as before, and their latency counts from the schedule', async () => {
    const header = await spawned.callers.open(plan('open-loop', { rate: 100 }))
    await untilEnded('open-loop', 20)
    const release = server.stall()
    const stalledAt = spawned.clock.now()
    await vi.waitFor(() => expect(spawned.clock.now() - stalledAt).toBeGreaterThan(500), { interval: 5 })
    const releasedAt = spawned.clock.now()
    release()
    await untilEnded('open-loop', 90)
    const askedAt = spawned.clock.now()
    const lane = await closed('open-loop')
    expect(lane.count).toBeGreaterThanOrEqual(Math.floor(((askedAt - header.t0) * header.rate) / 1000))
    expect(lane.count).toBeLessThanOrEqual(Math.floor(((spawned.clock.now() - header.t0) * header.rate) / 1000) + 1)
    expect(classesOf(lane)).toEqual({ none: lane.count })
    for (let i = 0; i < lane.count; i++) {
      const due = scheduledAt(lane.header, i)
      if (due < stalledAt || due > releasedAt) continue
      expect(due + (lane.latencyUs[i] ?? 0) / 1000).toBeGreaterThanOrEqual(releasedAt - 1)
    }
    expect(Math.max(...lane.latencyUs)).toBeGreaterThan(450_000)
  })

  test('a fast lane sheds what would only queue up, says so for each call, and sends all again at the first answer', async () => {
    await spawned.callers.open(plan('fast', { rate: 500 }))
    await untilEnded('fast', 50)
    const release = server.stall()
    const stalledAt = spawned.clock.now()
    await vi.waitFor(() => expect(spawned.callers.live().lanes.fast?.outcomes.unsent).toBeGreaterThan(50), {
      timeout: 3000,
      interval: 5,
    })
    release()
    const releasedAt = spawned.clock.now()
    const ended = spawned.callers.live().lanes.fast?.ended ?? 0
    await untilEnded('fast', ended + 250)
    const lane = await closed('fast')
    const counts = classesOf(lane)
    expect((counts.none ?? 0) + (counts.shed ?? 0)).toBe(lane.count)
    expect(server.ids.size).toBe(counts.none)
    for (let i = 0; i < lane.count; i++) {
      const due = scheduledAt(lane.header, i)
      if (ERROR_CLASSES[lane.errorClass[i] ?? 0] !== 'shed') continue
      expect(server.ids.has(`${lane.header.requestIdPrefix}${i}`)).toBe(false)
      expect(due).toBeGreaterThan(stalledAt + 90)
      expect(due).toBeLessThan(releasedAt + 400)
    }
  })

  test('closing the lane loses no call that is out', async () => {
    await spawned.callers.open(plan('closing'))
    await untilEnded('closing', 10)
    const release = server.stall()
    await vi.waitFor(
      () => expect(server.ids.size).toBeGreaterThan((spawned.callers.live().lanes.closing?.ended ?? 0) + 10),
      { interval: 5 },
    )
    const closing = closed('closing')
    const scheduled = server.ids.size
    setTimeout(release, 60)
    const lane = await closing
    expect(lane.count).toBeGreaterThanOrEqual(scheduled)
    expect(classesOf(lane)).toEqual({ none: lane.count })
    expect(server.ids.size).toBe(lane.count)
    expect(new Set(server.ids.values())).toEqual(new Set([1]))
    expect(eventsOf(spawned.recorder.events(), 'lane-closed')).toMatchObject([{ lane: 'closing', count: lane.count }])
  })
})

test('a call is given up within 20 ms of its deadline, unless the generator itself stood still', async () => {
  await spawned.callers.open(plan('deadline', { url: `${server.url}/never/`, rate: 50, deadlineMs: 400 }))
  await untilEnded('deadline', 40)
  const lane = await closed('deadline')
  expect(classesOf(lane).deadline).toBeGreaterThan(30)
  for (let i = 0; i < lane.count; i++) {
    if (ERROR_CLASSES[lane.errorClass[i] ?? 0] !== 'deadline') continue
    const deadlineAt = scheduledAt(lane.header, i) + 400
    const endedAt = scheduledAt(lane.header, i) + (lane.latencyUs[i] ?? 0) / 1000
    const ownStall = stalls()
      .filter(({ from, to }) => to >= deadlineAt && from <= endedAt)
      .reduce((sum, { from, to }) => sum + to - from, 0)
    expect(endedAt).toBeGreaterThanOrEqual(deadlineAt - 0.001)
    expect(endedAt - deadlineAt - ownStall).toBeLessThan(20)
  }
})

describe('when the generator is the sick one', () => {
  test('a pause of its own is a stall on record; what it slept through is unsent or answered, and never held against the server', async () => {
    await spawned.callers.open(plan('paused', { deadlineMs: 1200, rate: 100 }))
    await untilEnded('paused', 30)
    const pausedAt = spawned.clock.now()
    spawned.process.kill('SIGSTOP')
    await vi.waitFor(() => expect(spawned.clock.now() - pausedAt).toBeGreaterThan(1600), { timeout: 5000, interval: 5 })
    const wokenAt = spawned.clock.now()
    spawned.process.kill('SIGCONT')
    await untilEnded('paused', 250)
    const lane = await closed('paused')
    const counts = classesOf(lane)
    const { none = 0, shed = 0, deadline = 0, 'generator-late': late = 0, ...others } = counts
    expect(others).toEqual({})
    // One may have been on its way to its socket as the pause came: that its deadline passed in a stall is the analysis's to see.
    expect(deadline).toBeLessThanOrEqual(1)
    expect(none + late + shed + deadline).toBe(lane.count)
    // What was more than half its deadline late when we woke was not sent any more.
    const tooLate = stalls().reduce((sum, { from, to }) => sum + Math.max(0, to - from - 600), 0)
    expect(Math.abs((counts['generator-late'] ?? 0) - tooLate / 10)).toBeLessThanOrEqual(3)
    const [longest] = [...stalls()].sort((a, b) => b.to - b.from - (a.to - a.from))
    expect(longest?.from).toBeGreaterThan(pausedAt - 250)
    expect(longest?.to).toBeGreaterThanOrEqual(wokenAt)
    expect((longest?.to ?? 0) - (longest?.from ?? 0)).toBeGreaterThan(1590)
  })

  test('killed, it is lost on record, nobody waits for it, and what it said is readable', async () => {
    await spawned.callers.open(plan('torn'))
    await untilEnded('torn', 20)
    const asked = spawned.callers.get(`${server.url}/never/`, { timeoutMs: 5000 })
    const told = expect(asked).rejects.toThrow(/callers could not GET .* their stream .*ERR_CALLERS_LOST/)
    spawned.process.kill('SIGKILL')
    await told
    await spawned.callers.closeAll()
    expect(spawned.callers.lost()).toBe('their stream ended / callers: waiting for hello')
    expect(eventsOf(spawned.recorder.events(), 'generator-lost')).toHaveLength(1)
    expect(eventsOf(spawned.recorder.events(), 'lane-closed')).toEqual([])
    const lane = readLane(join(spawned.folder, 'calls', 'torn.calls'))
    expect(classesOf(lane).none).toBeGreaterThanOrEqual(20)
  })

  test('the end of its standard input ends it at once, lanes open or not', async () => {
    const took: number[] = []
    for (const isBusy of [false, true]) {
      const each = isBusy ? spawned.process : spawnProgram()
      if (isBusy) {
        await spawned.callers.open(plan('busy'))
        await untilEnded('busy', 5)
      } else {
        each.stdin?.write('{"id":0,"order":"hello"}\n')
        await once(each.stdout ?? each, 'data')
      }
      const at = performance.now()
      each.stdin?.end()
      const [code] = await once(each, 'exit')
      took.push(performance.now() - at)
      expect(code).toBe(0)
    }
    // 100 ms on a quiet machine; on a busy one the engine of the program itself takes its time to end.
    expect(Math.max(...took)).toBeLessThan(1500)
  })
})

describe('single tries from inside', () => {
  test('a whole answer is ok whatever its status, with its times on the run clock', async () => {
    const before = spawned.clock.now()
    const answer = await spawned.callers.get(`${server.url}/server-error/`, { headers: { 'x-request-id': 'look' } })
    expect(answer).toMatchObject({
      ok: true,
      status: 503,
      body: 'no server is available',
      headers: { 'x-firedrill-node': 'data-plane-2' },
    })
    expect(answer.from).toBeGreaterThanOrEqual(before)
    expect(answer.to).toBeLessThanOrEqual(spawned.clock.now())
    expect(answer.to).toBeGreaterThan(answer.from)
  })

  test.each([
    ['never', /no whole answer within 150 ms/],
    ['slow-loris', /no whole answer within 150 ms/],
    ['connection-reset', /ECONNRESET/],
    ['connection-closed', /UND_ERR_SOCKET/],
    ['truncated', /UND_ERR/],
  ])('%s is no answer, and says why', async (behaviour, why) => {
    expect(await spawned.callers.get(`${server.url}/${behaviour}/`, { timeoutMs: 150 })).toMatchObject({
      ok: false,
      status: 0,
      error: expect.stringMatching(why),
    })
  })

  test('a name that nobody has leads to nobody', async () => {
    expect(await spawned.callers.resolve('nobody.invalid', 1000)).toMatchObject({ addresses: [] })
  })

  test('a connection is made where somebody listens and refused where nobody does', async () => {
    expect(await spawned.callers.connect('127.0.0.1', server.port, 500)).toMatchObject({ outcome: 'connected' })
    expect(await spawned.callers.connect('127.0.0.1', 1, 500)).toMatchObject({ outcome: 'refused' })
  })
})

test('callers that were told to stop are not lost', async () => {
  await spawned.callers.open(plan('stopped'))
  await untilEnded('stopped', 5)
  const stopped = spawned.callers.stop()
  expect(spawned.callers.stop()).toBe(stopped)
  await stopped
  expect(spawned.callers.lost()).toBeNull()
  expect(eventsOf(spawned.recorder.events(), 'lane-closed')).toHaveLength(1)
  expect(eventsOf(spawned.recorder.events(), 'generator-lost')).toEqual([])
})

test('the live view counts the last full second of the callers and not of the control lane', async () => {
  await spawned.callers.open(plan('kept', { rate: 100 }))
  await spawned.callers.open(plan('new', { rate: 50, connections: 'new' }))
  await spawned.callers.open(plan('control', { rate: 200, purpose: 'control' }))
  await vi.waitFor(
    () => {
      const live = spawned.callers.live()
      expect(live.ended).toBeGreaterThanOrEqual(146)
      expect(live.ended).toBeLessThanOrEqual(154)
      expect(live.answered).toBe(live.ended)
      expect(live.p99Ms).toBeGreaterThan(0)
      expect(live.lanes.control?.ended).toBeGreaterThan(200)
    },
    { timeout: 6000, interval: 50 },
  )
})

test('a header of the plan is sent and is in no file', async () => {
  await spawned.callers.open(
    plan('secret', {
      headers: { cookie: 'a7session=canary-77', 'x-request-id-of-plan': 'y' },
      url: `http://user:canary-78@127.0.0.1:${server.port}/answered/`,
    }),
  )
  await untilEnded('secret', 5)
  await spawned.callers.closeAll()
  await vi.waitFor(() => expect(readFileSync(join(spawned.folder, 'history.jsonl'), 'utf8')).toContain('lane-closed'))
  const files = ['history.jsonl', 'calls/secret.calls', 'logs/callers.log'].map((file) =>
    readFileSync(join(spawned.folder, file), 'latin1'),
  )
  expect(files.join()).not.toMatch(/canary/)
})

test('on one kernel the clocks are one, before the first call and after the last; an impossible lane is refused with the reason', async () => {
  const agreed = { sameKernel: true, offsetMs: 0, errorMs: 0 }
  expect(eventsOf(spawned.recorder.events(), 'clock')).toMatchObject([agreed])
  await spawned.callers.open(plan('compared'))
  await spawned.callers.closeAll()
  expect(eventsOf(spawned.recorder.events(), 'clock')).toMatchObject([agreed, agreed])
  await expect(spawned.callers.open(plan('../escape'))).rejects.toThrow(/cannot name a lane/)
  await expect(spawned.callers.open(plan('still', { rate: 0 }))).rejects.toThrow(/wants 0 calls\/s/)
  await spawned.callers.open(plan('twice'))
  await expect(spawned.callers.open(plan('twice'))).rejects.toThrow(/lane twice is open already.*ERR_CALLERS_REFUSED/)
  await expect(spawned.callers.close('unknown')).rejects.toThrow(/lane unknown is not open/)
})

describe('a mix', () => {
  const request = (path: string, more: Partial<RequestOrder> = {}): RequestOrder => ({
    method: 'GET',
    path,
    headers: {},
    expectStatuses: [200],
    expectEcho: true,
    weight: 1,
    ...more,
  })

  test('each request comes as often as its weight asks, and is held to its own expectation', async () => {
    const requests = [
      request('/answered/a?secret=s3cret-value', { weight: 5 }),
      request('/client-error/b', { expectStatuses: [404], expectEcho: false }),
      request('/redirect/c', { expectStatuses: ['3xx'], expectEcho: false }),
      request('/answered/d', { expectEcho: false, expectBody: 'not in the body' }),
      request('/server-error/e', { method: 'POST', headers: { 'x-shop': 'berlin' }, body: 'order' }),
    ]
    await spawned.callers.open(plan('mixed', { requests, rate: 400 }))
    await untilEnded('mixed', 144)
    const lane = await closed('mixed')
    const came = (path: string): number => server.requests.get(path) ?? 0
    expect(came('/answered/a?secret=s3cret-value')).toBeGreaterThan(4.5 * came('/redirect/c'))
    const routeOf = callMix(
      requests.map(({ weight }) => weight),
      lane.header.seed,
    )
    const classes = Array.from({ length: lane.count }, (_, i) => ERROR_CLASSES[lane.errorClass[i] ?? 0])
    const classesOfRoute = (route: number) => new Set(classes.filter((_, i) => routeOf(i) === route))
    expect(requests.map((_, route) => [...classesOfRoute(route)])).toEqual([
      ['none'],
      ['none'],
      ['none'],
      ['mismatch'],
      ['server-error'],
    ])
    // Of all of them only the POST is not to be repeated.
    const mayHaveHappened = Array.from(lane.flags, (flags) => (flags & FLAGS.mayHaveHappened) !== 0)
    expect(mayHaveHappened).toEqual(classes.map((_, i) => routeOf(i) === 4))
  })

  test('its routes are on record, and no query, header or body of them is', async () => {
    const secret = 's3cret-value'
    const requests = [
      request(`/answered/${secret}0123456789?token=${secret}`, { weight: 2 }),
      request(`/answered/x?k=${secret}`, { method: 'POST', headers: { authorization: secret }, body: secret }),
    ]
    await spawned.callers.open(plan('mixed', { requests }))
    const { header } = await closed('mixed')
    expect(header.mix).toEqual([
      { route: 'GET /answered/*', weight: 2 },
      { route: 'POST /answered/x', weight: 1 },
    ])
    expect(JSON.stringify(spawned.recorder.events()) + JSON.stringify(header)).not.toContain(secret)
  })
})

describe('a ramp', () => {
  const read = async (lane: string): Promise<Lane> => {
    const { lanes } = await readHistory(spawned.folder)
    const found = lanes.find(({ header }) => header.lane === lane)
    if (!found) throw new Error(`there is no lane ${lane}`)
    return found
  }
  /** A machine that is short of processors leaves calls unsent, and each is on record as such. */
  const sentOf = (lane: Lane): number =>
    lane.errorClass.filter((code) => outcomeOf(ERROR_CLASSES[code] ?? 'other') !== 'unsent').length

  test('is on record before the calls that it concerns, which are held to its instants', async () => {
    const { callers, recorder } = spawned
    await callers.open(plan('steady', { rate: 100 }))
    await untilEnded('steady', 50)
    const first = await callers.ramp('steady', { to: 400, overMs: 500 })
    await untilEnded('steady', first.index + 250)
    const second = await callers.ramp('steady', { to: 50, overMs: 0 })
    await untilEnded('steady', second.index + 20)
    await callers.close('steady')
    await callers.stop()
    expect(recorder.events().flatMap((event) => (event.kind === 'ramp' ? [event.ramp] : []))).toEqual([first, second])
    const lane = await read('steady')
    expect(lane.header.ramps).toEqual([first, second])
    expect(lane.recorded.every((is) => is === 1)).toBe(true)
    expect(server.requests.get('/answered/steady')).toBe(sentOf(lane))
    // Were it held to another schedule, calls would be seconds early or late.
    const late = lane.lateUs.toSorted()
    expect(late[Math.floor(late.length / 2)]).toBeLessThan(200_000)
    const span = scheduledAt(lane.header, second.index + 20) - scheduledAt(lane.header, second.index + 1)
    expect(span).toBeGreaterThan(18 * 20)
  })

  test('that is stopped in its middle loses no call', async () => {
    const { callers } = spawned
    await callers.open(plan('rising', { rate: 50 }))
    await untilEnded('rising', 10)
    await callers.ramp('rising', { to: 500, overMs: 20_000 })
    await untilEnded('rising', 100)
    const { count } = await callers.close('rising')
    await callers.stop()
    const lane = await read('rising')
    expect([lane.count, lane.recorded.filter((is) => is === 1).length]).toEqual([count, count])
    expect(server.requests.get('/answered/rising')).toBe(sentOf(lane))
  })

  test('to a rate that is none, or of a lane that is not open, is refused', async () => {
    const { callers } = spawned
    await callers.open(plan('steady'))
    await expect(callers.ramp('steady', { to: 0, overMs: 0 })).rejects.toThrow(/wants 0 calls\/s: expected more than 0/)
    await expect(callers.ramp('steady', { to: 10, overMs: Number.NaN })).rejects.toThrow(/ramp over NaN ms/)
    await expect(callers.ramp('other', { to: 10, overMs: 0 })).rejects.toThrow(
      /could not bring lane other to 10 calls\/s/,
    )
  })
})
