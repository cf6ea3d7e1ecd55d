import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventsOf } from '../history/event.ts'
import { openRecorder, type Recorder } from '../history/recorder.ts'
import { createRedactor } from '../history/redact.ts'
import { clockSince, manualClock } from '../time/clock.ts'
import { watchHarness } from './standstill.ts'

let folder = ''
let recorder: Recorder

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firedrill-standstill-test-'))
  recorder = openRecorder(join(folder, 'history.jsonl'), createRedactor([]))
})

afterEach(async () => {
  recorder.close()
  await rm(folder, { recursive: true })
})

const stalls = (): readonly (readonly [number, number])[] =>
  eventsOf(recorder.events(), 'harness-stall').map(({ at, stallMs }) => [Math.round(at), Math.round(stallMs)])

test('a turn that comes more than 50 ms late is written down, with how late; others are not', async () => {
  const clock = manualClock()
  const done = Promise.withResolvers<void>()
  const took = [20, 70, 71, 20]
  const watch = watchHarness({
    recorder,
    clock,
    turn: async (_, signal) => {
      const ms = took.shift()
      if (ms !== undefined) return void clock.advance(ms)
      done.resolve()
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
    },
  })
  await done.promise
  await watch.stop()
  expect(stalls()).toEqual([[161, 51]])
})

test('a loop that is really held up is noticed', async () => {
  const clock = clockSince()
  const watch = watchHarness({ recorder, clock })
  const from = clock.now()
  while (clock.now() - from < 300);
  await new Promise(setImmediate)
  await expect.poll(() => stalls().length).toBe(1)
  await watch.stop()
  expect(stalls()[0]?.[1]).toBeGreaterThan(200)
})
