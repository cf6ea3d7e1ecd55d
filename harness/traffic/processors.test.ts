import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventsOf } from '../history/event.ts'
import { openRecorder, type Recorder } from '../history/recorder.ts'
import { createRedactor } from '../history/redact.ts'
import { manualClock } from '../time/clock.ts'
import { waitedUsFrom, watchProcessors } from './processors.ts'

let folder = ''
let recorder: Recorder

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firedrill-processors-test-'))
  recorder = openRecorder(join(folder, 'history.jsonl'), createRedactor([]))
})

afterEach(async () => {
  recorder.close()
  await rm(folder, { recursive: true })
})

const counted = (us: number): string =>
  `some avg10=1.31 avg60=22.05 avg300=30.61 total=${us}\nfull avg10=0.00 total=7\n`

/** Looks 100 ms apart at these counts, in µs, and answers with what was written down. */
const watched = async (counts: readonly number[]): Promise<readonly (readonly [number, number, number])[]> => {
  const clock = manualClock()
  const done = Promise.withResolvers<void>()
  let look = 0
  const watch = watchProcessors({
    recorder,
    clock,
    processors: 2,
    read: async () => {
      const us = counts[look]
      if (look > 0) clock.advance(100)
      look += 1
      if (us === undefined) done.resolve()
      return us === undefined ? '' : counted(us)
    },
  })
  await done.promise
  await watch.stop()
  const events = eventsOf(recorder.events(), 'processors-short')
  expect(events.every(({ processors }) => processors === 2)).toBe(true)
  return events.map(({ since, at, share }) => [since, at, share])
}

test('the time somebody waited is read from the line of some, not of full', () => {
  expect(waitedUsFrom(counted(1_932_751_076))).toBe(1_932_751_076)
  expect(waitedUsFrom('')).toBeNull()
})

test('a stretch in which somebody waited for as long as half a look is written down, one in which they waited less is not', async () => {
  expect(await watched([0, 95_000, 105_000, 155_000, 255_000])).toEqual([
    [0, 100, 0.95],
    [200, 300, 0.5],
    [300, 400, 1],
  ])
})

test('a look that came late is written down though somebody waited for less than half of it: they may have waited in one go', async () => {
  expect(await watched([0, 46_000])).toEqual([[0, 100, 0.46]])
})

test('a kernel that does not count leaves nothing to read', async () => {
  expect(await watched([])).toEqual([])
})
