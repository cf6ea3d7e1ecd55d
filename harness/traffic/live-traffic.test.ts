import { expect, test } from 'vitest'
import { ERROR_CLASSES, type ErrorClass, type LaneHeader } from '../history/call.ts'
import { RECORD_BYTES, writeRecord } from '../history/call-record.ts'
import { createLiveView } from './live-traffic.ts'

const header = (lane: string, purpose: LaneHeader['purpose'] = 'callers'): LaneHeader => ({
  schema: 'firedrill.calls/1',
  lane,
  purpose,
  zone: 'a',
  connections: 'new',
  method: 'GET',
  url: 'http://lb/',
  rate: 10,
  t0: 0,
  deadlineMs: 900,
  nodes: [],
  requestIdPrefix: '',
})

const rows = (
  ...calls: readonly (readonly [index: number, latencyMs: number, errorClass?: ErrorClass])[]
): Uint8Array => {
  const view = new DataView(new ArrayBuffer(calls.length * RECORD_BYTES))
  calls.forEach(([index, latencyMs, errorClass = 'none'], i) => {
    writeRecord(view, i * RECORD_BYTES, {
      index,
      lateUs: 0,
      latencyUs: latencyMs * 1000,
      errorClass: ERROR_CLASSES.indexOf(errorClass),
      node: 255,
      flags: 0,
      status: 0,
    })
  })
  return new Uint8Array(view.buffer)
}

test('a second is shown once it is full and settled: what ended in it, of the callers alone', () => {
  const view = createLiveView(null)
  view.take(header('a'), rows([10, 5], [11, 7], [12, 100, 'deadline'], [18, 190], [19, 150]))
  view.take(header('control', 'control'), rows([10, 1], [11, 1]))
  expect(view.read(2150)).toMatchObject({ ended: 0, answered: 0, p99Ms: null })
  expect(view.read(2200)).toMatchObject({ ended: 4, answered: 3, p99Ms: 190, lastAnsweredAt: 2050 })
  expect(view.read(3200)).toMatchObject({ ended: 1, answered: 1, p99Ms: 150 })
  expect(view.read(9000)).toMatchObject({ ended: 0, lastAnsweredAt: 2050 })
})

test('the rate is that of the last five full seconds, without the one in which the first call ended', () => {
  const view = createLiveView(null)
  expect(view.read(1200).rate).toBe(0)
  // The first ends at 1,950 ms; those that are due in the fifth second end in the sixth.
  const calls = Array.from({ length: 81 }, (_, i) => [i + 19, i >= 21 && i < 31 ? 1000 : 50] as const)
  view.take(header('a'), rows(...calls))
  expect([2200, 3200, 4200, 5200, 6200, 9200].map((at) => view.read(at).rate)).toEqual([0, 10, 10, 20 / 3, 10, 10])
  expect(view.read(14_200).rate).toBe(2)
  expect(view.read(20_000).rate).toBe(0)
})

test('every lane has its counts by outcome', () => {
  const view = createLiveView(null)
  expect(view.read(0)).toMatchObject({ lanes: {}, lastAnsweredAt: null })
  view.take(
    header('a'),
    rows([0, 1], [1, 1, 'shed'], [2, 1, 'connection-reset'], [3, 1, 'server-error'], [4, 1, 'deadline']),
  )
  view.take(header('a'), rows([5, 1]))
  expect(view.read(0).lanes).toEqual({
    a: { ended: 6, outcomes: { answered: 2, wrong: 1, refused: 1, unanswered: 1, unsent: 1 } },
  })
})

test('a silence of more than 50 ms is told by when it ended, on lanes that see so little and are callers’', () => {
  const view = createLiveView({ aboveMs: 50, isSeenBy: ({ rate }) => rate >= 60 })
  const fast = { ...header('fast'), rate: 100 }
  view.take(fast, rows([0, 1], [1, 1], [5, 11]))
  expect(view.read(0).lastSilenceAt).toBe(null)
  view.take({ ...header('control', 'control'), rate: 100 }, rows([0, 1], [90, 1]))
  view.take(header('slow'), rows([0, 1], [9, 1]))
  view.take({ ...header('other'), rate: 100 }, rows([9, 1], [10, 1]))
  expect(view.read(0).lastSilenceAt).toBe(null)
  view.take(fast, rows([6, 60, 'deadline'], [7, 42], [8, 33]))
  expect(view.read(0).lastSilenceAt).toBe(112)
  view.take(fast, rows([9, 29], [13, 1]))
  expect(view.read(0).lastSilenceAt).toBe(112)
})
