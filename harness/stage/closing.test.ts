// How a stage is left: in which order, and what is said of whatever would not end.
import { beforeEach, expect, test, vi } from 'vitest'
import { type Event, eventsOf } from '../history/event.ts'
import type { Recorder } from '../history/recorder.ts'
import { saveEvidence } from '../topology/saved.ts'
import { closeStage } from './closing.ts'

const time = vi.hoisted(() => ({ ms: 0 }))

vi.mock('node:timers/promises', () => ({
  setTimeout: async (ms: number) => {
    // Mocked waits leave Vitest's own limit no turn.
    if (time.ms > 600_000) throw new Error('it waits for ever')
    time.ms += ms
  },
}))
vi.mock('../topology/saved.ts', () => ({ saveEvidence: vi.fn(async () => []) }))
vi.mock('../traffic/upstream-record.ts', () => ({ recordUpstreams: async () => {} }))

const CLEARED: Event = {
  kind: 'fault',
  at: 20_000,
  id: 'kill-1',
  fault: 'kill',
  targets: ['data-plane-1'],
  stage: 'clear',
}

const admitted = (at: number): Event => ({
  kind: 'rotation',
  at,
  lastLookAt: at - 100,
  balancer: 'load-balancer-callers',
  backend: 'gateways',
  node: 'data-plane-1',
  state: 'in',
})

/** A stage with these events on record, of which some parts will not end; what became of it, and how long it took. */
const closed = async ({
  events: first = [CLEARED],
  withTail = true,
  stubborn = [],
  whileLooking = () => [],
  admittedEveryMs,
}: {
  readonly events?: readonly Event[]
  readonly withTail?: boolean
  readonly stubborn?: readonly string[]
  readonly whileLooking?: () => readonly Event[]
  readonly admittedEveryMs?: number
} = {}) => {
  time.ms = 21_000
  const events = [...first]
  const ended: string[] = []
  const end = (what: string) => async () => {
    ended.push(what)
    if (stubborn.includes(what)) throw new Error(`${what} hangs`)
  }
  const briefly: unknown[] = []
  const stream = {
    stop: end('stream stops'),
    end: async (how: unknown) => {
      briefly.push(how)
      await end('stream')()
    },
    tidy: end('tidy'),
  }
  const standing = {
    topology: {},
    folder: '/nowhere',
    startedAt: new Date(0),
    recorder: {
      events: () =>
        admittedEveryMs === undefined
          ? events
          : [...events, admitted(Math.floor(time.ms / admittedEveryMs) * admittedEveryMs)],
      record: (event: Event) => void events.push(event),
      redactor: { text: (text: string) => text, add: () => {} },
      close: () => void ended.push('record'),
    } as Partial<Recorder>,
    clock: { now: () => time.ms },
    faults: {
      healAll: async () => {
        ended.push('faults')
        return stubborn.includes('faults') ? ['kill of data-plane-1 would not heal'] : []
      },
    },
    network: { settled: end('helpers') },
    readiness: { follow: () => {}, end: end('readiness') },
    streams: [stream],
    leftovers: [{ what: 'The backup was not removed', remove: end('backup') }],
    dashboard: { close: end('browser') },
    steadiness: {
      lookAgain: async () => {
        ended.push('last look')
        events.push(...whileLooking())
      },
    },
    sensors: {
      callers: { lost: () => null, closeAll: end('lanes'), stop: end('callers') },
      echo: { stop: end('echo') },
      engine: { stop: () => void ended.push('engine') },
      rotation: { stop: end('rotation') },
      processors: { stop: end('processors') },
      harness: { stop: end('harness') },
    },
  }
  await closeStage(standing as unknown as Parameters<typeof closeStage>[0], withTail)
  return { ended, briefly, tookMs: time.ms - 21_000, said: eventsOf(events, 'teardown') }
}

beforeEach(() => void vi.mocked(saveEvidence).mockResolvedValue([]))

test('faults are healed first, the browser is closed when nobody calls any more, and the record is the last', async () => {
  const { ended, said } = await closed()
  expect(ended).toEqual([
    'faults',
    'helpers',
    'last look',
    'readiness',
    'stream',
    'lanes',
    'tidy',
    'backup',
    'browser',
    'rotation',
    'processors',
    'harness',
    'engine',
    'callers',
    'echo',
    'record',
  ])
  expect(said).toEqual([{ kind: 'teardown', at: time.ms, ok: true }])
})

test('callers go on for 10 s after the last fault was clear, and for 5 s after the last admission', async () => {
  expect((await closed()).tookMs).toBe(9000)
  expect((await closed({ events: [CLEARED, admitted(29_000)] })).tookMs).toBe(13_000)
})

test('whoever is admitted during the last look is watched as long as any other', async () => {
  expect((await closed({ whileLooking: () => [admitted(30_000)] })).tookMs).toBe(14_000)
})

/** Processors are short for so much of every second from when the fault was clear. */
const short = (msASecond: number): readonly Event[] =>
  Array.from({ length: 60 }, (_, k) => ({
    kind: 'processors-short',
    since: 20_000 + 1000 * k,
    at: 20_000 + 1000 * k + msASecond,
    share: 0.9,
    processors: 2,
  }))

test('callers go on until 2 s of all since the last fault was clear were undisturbed by the machine, for 20 s longer at most', async () => {
  expect((await closed({ events: [CLEARED, ...short(790)] })).tookMs).toBe(9000)
  expect((await closed({ events: [CLEARED, ...short(875)] })).tookMs).toBe(15_000)
  expect((await closed({ events: [CLEARED, ...short(1000)] })).tookMs).toBe(29_000)
})

test('a node that is admitted again and again is waited for 30 s longer, and keeps no drill from its last look', async () => {
  const { ended, said, tookMs } = await closed({ admittedEveryMs: 4000 })
  expect([tookMs, ended.includes('last look'), said]).toEqual([
    44_000,
    true,
    [{ kind: 'teardown', at: time.ms, ok: true }],
  ])
})

test('without a fault that was cleared there is nothing to wait for, nor where the script did not finish', async () => {
  expect((await closed({ events: [] })).tookMs).toBe(0)
  const { ended, briefly, tookMs } = await closed({ withTail: false })
  expect([tookMs, ended.includes('last look'), briefly]).toEqual([0, false, [{ isBrief: true }]])
})

test('what would not end is on record, and keeps nothing else from ending', async () => {
  vi.mocked(saveEvidence).mockResolvedValue([{ about: 'log', because: 'The log of data-plane-1 was not saved.' }])
  const stubborn = ['faults', 'helpers', 'stream', 'lanes', 'tidy', 'backup', 'browser', 'rotation', 'callers', 'echo']
  const { ended, said } = await closed({ stubborn })
  expect(ended).toHaveLength(16)
  expect(said.map((event) => ('because' in event ? [event.about, event.because] : event.ok))).toEqual([
    ['healing', 'kill of data-plane-1 would not heal'],
    ['healing', 'The helpers of faults did not leave: helpers hangs'],
    ['changes', 'The stream of changes was not seen to its end: stream hangs'],
    ['calls', 'The lanes were not closed: lanes hangs'],
    ['residue', 'The routes of the stream of changes were not deleted: tidy hangs'],
    ['residue', 'The backup was not removed: backup hangs'],
    ['trace', 'The trace of the browser was not saved: browser hangs'],
    ['rotation', 'The watch of the balancers did not end: rotation hangs'],
    ['log', 'The log of data-plane-1 was not saved.'],
    ['residue', 'The callers did not go: callers hangs'],
    ['residue', 'The echo did not go: echo hangs'],
    true,
  ])
})
