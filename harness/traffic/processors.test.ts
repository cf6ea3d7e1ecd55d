import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { eventsOf, type Waited } from '../history/event.ts'
import { openRecorder, type Recorder } from '../history/recorder.ts'
import { createRedactor } from '../history/redact.ts'
import { clockSince } from '../time/clock.ts'
import { idleMsFrom, shortagesSeen, waitedUsFrom, watchProcessors } from './processors.ts'

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

/** Looks 100 ms apart at these counts, in µs, of four processors that were idle so long, in s, and answers with what was seen. */
const watched = (
  counts: readonly number[],
  idle: readonly string[] = [],
): readonly (readonly [number, number, number, number | undefined])[] => {
  const seenBy = shortagesSeen(4)
  return counts.flatMap((us, i) => {
    const uptime = idle[i] === undefined ? '' : `5007.31 ${idle[i]}\n`
    const seen = seenBy({ at: i * 100, pressure: us < 0 ? '' : counted(us), uptime, waited: null })
    return seen ? [[seen.since, seen.at, seen.share, seen.processors] as const] : []
  })
}

test('the time somebody waited is read from the line of some, not of full', () => {
  expect(waitedUsFrom(counted(1_932_751_076))).toBe(1_932_751_076)
  expect(waitedUsFrom('')).toBeNull()
})

test('how long processors were idle is the second figure, not since when the machine is up', () => {
  expect(idleMsFrom('5007.31 8123.45\n')).toBe(8_123_450)
  expect(idleMsFrom('')).toBeNull()
})

test('a stretch in which one process may have waited for as long as half a look is written down, one in which none can is not', () => {
  expect(watched([0, 95_000, 98_000, 148_000, 248_000])).toEqual([
    [0, 100, 0.95, 4],
    [200, 300, 0.5, 4],
    [300, 400, 1, 4],
  ])
})

test('a look that came late is written down though somebody waited for less than half of it: they may have waited in one go', () => {
  expect(watched([0, 46_000])).toEqual([[0, 100, 0.46, 4]])
})

test('what was waited is an average over busy processors only: idle ones take no part in it, and are counted in hundredths of a second', () => {
  // 0.21 s of the 0.4 s that four have may be 0.2: two were busy at most. Of 6 ms nobody waited for 12.5 by that.
  const counts = [0, 8_000, 14_000, 34_000, 54_000]
  expect(watched(counts, ['10.00', '10.21', '10.42', '10.82', '10.82'])).toEqual([
    [0, 100, 0.08, 2],
    [200, 300, 0.2, 1],
    [300, 400, 0.2, 4],
  ])
})

test('a kernel that does not count leaves nothing to see', () => {
  expect(watched([-1, -1, -1])).toEqual([])
})

test('who waited is told with it, in tenths of a ms, and suffices where the kernel counts by name alone', () => {
  const seenBy = shortagesSeen(2)
  const looked = (at: number, waited: Waited, us = -1) =>
    seenBy({ at, pressure: us < 0 ? '' : counted(us), uptime: '', waited })
  looked(0, {})
  expect(looked(25, { 'data-plane-1': [8.04, 1, 3.16], callers: [5, 3] })).toEqual({
    at: 25,
    since: 0,
    share: 0.52,
    processors: 1,
    waited: { 'data-plane-1': [8, 1, 3.2], callers: [5, 3, 0] },
  })
  // Whom no call passes may wait as long as they like.
  expect(looked(50, { 'data-plane-1': [8, 26], harness: [20, 30], browser: [20, 30] })).toBeNull()
  looked(75, {}, 0)
  expect(looked(100, {}, 20_000)).toMatchObject({ share: 0.8, waited: {} })
  // A long wait is counted by name when it is over, however short processors are by then.
  expect(looked(125, { 'data-plane-1': [300, -190] }, 21_000)).toMatchObject({ share: 0.04 })
})

const loops: ChildProcess[] = []

afterEach(() => {
  for (const each of loops.splice(0)) each.kill('SIGKILL')
})

/** Two that want it for every processor, until the test is over: all of them run. */
const fight = async (): Promise<void> => {
  for (let i = 0; i < 2 * cpus().length; i += 1)
    loops.push(spawn('sh', ['-c', 'echo; while :; do :; done'], { stdio: ['ignore', 'pipe', 'ignore'] }))
  await Promise.all(loops.map(({ stdout }) => stdout && once(stdout, 'data')))
}

test.skipIf(!existsSync('/proc/pressure/cpu'))(
  'what is seen beside two for every processor is most of that time, in looks that come in time though the harness itself stands still',
  async () => {
    const clock = clockSince()
    const deployment = { expected: [], whose: async () => null }
    const watch = watchProcessors({ recorder, clock, deployment })
    await fight()
    // Its thread takes half a second to start beside them.
    await vi.waitFor(() => expect(recorder.events()).not.toEqual([]), { timeout: 5000, interval: 10 })
    const from = clock.now()
    await pause(500)
    // Nobody turns the harness's loop for so long.
    for (const until = clock.now() + 600; clock.now() < until; );
    await pause(400)
    const to = clock.now()
    await watch.stop()
    const seen = eventsOf(recorder.events(), 'processors-short').filter(({ at, since }) => since >= from && at <= to)
    expect(seen.reduce((sum, { at, since }) => sum + at - since, 0)).toBeGreaterThan(0.8 * (to - from))
    const lengths = seen.map(({ at, since }) => at - since).sort((a, b) => a - b)
    expect(lengths[lengths.length >> 1]).toBeLessThan(60)
    expect(lengths.at(-1)).toBeLessThan(400)
    // The loops are started by this process, as a browser is: two for every processor wait half of the time each, and longer where others run beside
    // them, but none longer than that time is (a wait that began before it is counted in it).
    const byLoops = seen.reduce((sum, { waited }) => sum + (waited?.browser?.[0] ?? 0), 0)
    const share = byLoops / (loops.length * (to - from))
    expect(share).toBeGreaterThan(0.25)
    expect(share).toBeLessThan(1.1)
  },
)
