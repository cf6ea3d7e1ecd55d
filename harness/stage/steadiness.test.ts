import { beforeEach, expect, test, vi } from 'vitest'
import { type Event, type EventOf, eventsOf } from '../history/event.ts'
import type { Recorder } from '../history/recorder.ts'
import type { Topology } from '../topology/topology.ts'
import type { Callers } from '../traffic/callers.ts'
import type { RotationWatch } from '../traffic/rotation.ts'
import { lookForSteadyState } from '../traffic/steady.ts'
import { watchSteadiness } from './steadiness.ts'

const time = vi.hoisted(() => ({ ms: 0 }))

// A look takes no time, so nothing but the waits between looks moves the clock.
vi.mock('node:timers/promises', () => ({
  setTimeout: async (ms: number) => {
    time.ms += ms
  },
}))
vi.mock('../traffic/steady.ts', () => ({ lookForSteadyState: vi.fn() }))

/** Everything holds while `holds`; lanes have gaps that end at the instants given. */
const reached = async (
  gapsEndAt: readonly number[],
  holds: (ms: number) => boolean = () => true,
  before: readonly Event[] = [],
): Promise<{ readonly isSteady: boolean; readonly looks: readonly EventOf<'steady'>[] }> => {
  time.ms = 0
  vi.mocked(lookForSteadyState).mockImplementation(async () => [
    { name: 'everything', ok: holds(time.ms), because: '' },
  ])
  const events: Event[] = [...before]
  const steadiness = watchSteadiness({
    topology: {} as Topology,
    rotation: {} as RotationWatch,
    callers: {
      live: () => ({ lastSilenceAt: gapsEndAt.findLast((at) => at <= time.ms) ?? null }),
    } as Partial<Callers> as Callers,
    recorder: {
      events: () => events,
      record: (event) => void events.push(event),
    } as Partial<Recorder> as Recorder,
    clock: { now: () => time.ms },
    rate: 200,
    instances: async () => null,
  })
  const isSteady = await steadiness.reach()
  return { isSteady, looks: eventsOf(events, 'steady') }
}

beforeEach(() => {
  vi.mocked(lookForSteadyState).mockReset()
})

test('steady state is reached when everything has held for 5 s, and written down once', async () => {
  const { isSteady, looks } = await reached([])
  expect(isSteady).toBe(true)
  expect(looks.map(({ at, ok }) => [at, ok])).toEqual([[5000, true]])
})

test('a gap that the baseline may not have is waited out, so that the 5 s before the look are without', async () => {
  expect((await reached([900, 2600])).looks.map(({ at }) => at)).toEqual([7750])
  expect((await reached([1000, 5750, 9000])).looks.map(({ at }) => at)).toEqual([14_000])
})

test('gaps that do not end are waited for 20 s and no longer: the verdict tells them', async () => {
  const always = Array.from({ length: 100 }, (_, i) => 1000 * i)
  const { isSteady, looks } = await reached(always)
  expect(isSteady).toBe(true)
  expect(looks.map(({ at }) => at)).toEqual([25_000])
})

test('what does not hold within 30 s is not reached, however clean it is', async () => {
  const { isSteady, looks } = await reached([], () => false)
  expect(isSteady).toBe(false)
  expect(looks.map(({ at, ok }) => [at, ok])).toEqual([[30_250, false]])
})

test('what held in the end, and not for long enough, is told with what did not hold last, and when', async () => {
  const { isSteady, looks } = await reached([], (ms) => ms % 4000 !== 0)
  expect(isSteady).toBe(false)
  expect(looks).toMatchObject([
    { at: 30_250, ok: false, lastAmiss: { at: 28_000, checks: [{ name: 'everything', because: '' }] } },
  ])
  const { looks: held } = await reached([], (ms) => ms !== 2000)
  expect(held.map((look) => [look.at, look.lastAmiss])).toEqual([[7250, undefined]])
})

test('what holds again after it had held has as long for it as at first', async () => {
  const { isSteady, looks } = await reached([4000], (ms) => ms < 8000 || ms > 40_000)
  expect(isSteady).toBe(true)
  expect(looks.map(({ at }) => at)).toEqual([45_250])
})

test('the control plane is asked about its instances until something is broken: a gateway reports itself seconds after it is well again', async () => {
  const isAsked = () => vi.mocked(lookForSteadyState).mock.calls.map(([world]) => world.instances !== undefined)
  await reached([])
  expect(new Set(isAsked())).toEqual(new Set([true]))
  vi.mocked(lookForSteadyState).mockClear()
  await reached([], () => true, [{ kind: 'fault', at: 0, stage: 'intent' } as Event])
  expect(new Set(isAsked())).toEqual(new Set([false]))
})
