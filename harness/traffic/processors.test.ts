import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventsOf } from '../history/event.ts'
import { openRecorder, type Recorder } from '../history/recorder.ts'
import { createRedactor } from '../history/redact.ts'
import { manualClock } from '../time/clock.ts'
import { idleMsFrom, waitedUsFrom, watchProcessors } from './processors.ts'

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

/** Looks 100 ms apart at these counts, in µs, of four processors that were idle so long, in s, and answers with what was written down. */
const watched = async (
  counts: readonly number[],
  idle: readonly string[] = [],
): Promise<readonly (readonly [number, number, number, number | undefined])[]> => {
  const clock = manualClock()
  const done = Promise.withResolvers<void>()
  let look = 0
  const watch = watchProcessors({
    recorder,
    clock,
    processors: 4,
    read: async () => {
      const us = counts[look]
      const uptime = idle[look] === undefined ? '' : `5007.31 ${idle[look]}\n`
      if (look > 0) clock.advance(100)
      look += 1
      if (us === undefined) done.resolve()
      return { pressure: us === undefined ? '' : counted(us), uptime }
    },
  })
  await done.promise
  await watch.stop()
  const events = eventsOf(recorder.events(), 'processors-short')
  return events.map(({ since, at, share, processors }) => [since, at, share, processors])
}

test('the time somebody waited is read from the line of some, not of full', () => {
  expect(waitedUsFrom(counted(1_932_751_076))).toBe(1_932_751_076)
  expect(waitedUsFrom('')).toBeNull()
})

test('how long processors were idle is the second figure, not since when the machine is up', () => {
  expect(idleMsFrom('5007.31 8123.45\n')).toBe(8_123_450)
  expect(idleMsFrom('')).toBeNull()
})

test('a stretch in which one process may have waited for as long as half a look is written down, one in which none can is not', async () => {
  expect(await watched([0, 95_000, 98_000, 148_000, 248_000])).toEqual([
    [0, 100, 0.95, 4],
    [200, 300, 0.5, 4],
    [300, 400, 1, 4],
  ])
})

test('a look that came late is written down though somebody waited for less than half of it: they may have waited in one go', async () => {
  expect(await watched([0, 46_000])).toEqual([[0, 100, 0.46, 4]])
})

test('what was waited is an average over busy processors only: idle ones take no part in it, and are counted in hundredths of a second', async () => {
  // 0.21 s of the 0.4 s that four have may be 0.2: two were busy at most. Of 6 ms nobody waited for 12.5 by that.
  const counts = [0, 8_000, 14_000, 34_000, 54_000]
  expect(await watched(counts, ['10.00', '10.21', '10.42', '10.82', '10.82'])).toEqual([
    [0, 100, 0.08, 2],
    [200, 300, 0.2, 1],
    [300, 400, 0.2, 4],
  ])
})

test('a kernel that does not count leaves nothing to read', async () => {
  expect(await watched([])).toEqual([])
})
