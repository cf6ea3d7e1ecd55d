// The database pair of the deployment: whatever becomes of the primary, a new one takes writes in time, nothing that was
// acknowledged is lost, and the old one does not take a write once there is a new one.
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { docker, untilSo } from './by-hand.ts'
import {
  containerOf,
  type Heard,
  isInSync,
  longestSilence,
  pairDown,
  pairUp,
  primaryNow,
  writer,
  writerAside,
  writtenNow,
} from './database-pair.ts'
import { sampled } from './sample.ts'

const START_LIMIT_MS = 25_000
/** The lab's promise, with its lease of 8 s. */
const WRITE_OUTAGE_MS = 12_000
const REJOINED_MS = 20_000

/** Patroni is the first child of process 1: its PostgreSQL, whose parent ended, is a later one. */
const signalPatroni = (signal: string) => (container: string) =>
  docker('exec', container, 'bash', '-c', `set -- $(</proc/1/task/1/children) && kill -${signal} $1`)

beforeAll(async () => {
  await pairDown()
  await pairUp()
})

afterAll(pairDown)

test('the pair is in sync soon after it was started', async () => {
  await untilSo('the pair is in sync', isInSync, START_LIMIT_MS)
})

interface Break {
  readonly inject: (container: string) => Promise<unknown>
  readonly heal: (container: string) => Promise<unknown>
  /** Its watchdog resets it before its lease ends: it may take writes again itself, and then nobody takes its place. */
  readonly mayStay?: true
}

const BREAKS = sampled<[string, Break]>(
  [
    ['is killed', { inject: (it) => docker('kill', it), heal: (it) => docker('start', it) }],
    ['has a Patroni that hangs', { inject: signalPatroni('STOP'), heal: signalPatroni('CONT'), mayStay: true }],
  ],
  [
    ['freezes', { inject: (it) => docker('pause', it), heal: (it) => docker('unpause', it) }],
    ['has a Patroni that was killed', { inject: signalPatroni('KILL'), heal: (it) => docker('start', it) }],
  ],
)

test.each(BREAKS)('a primary that %s costs no acknowledged write and little time', async (_, how) => {
  const { inject, heal, mayStay } = how
  await untilSo('the pair is in sync before', isInSync, START_LIMIT_MS)
  const old = (await primaryNow()) ?? ''
  const [written, aside] = [await writer(), writerAside(old)]
  await untilSo('both write', async () => written.said.length > 10 && aside.said.length > 3, 20_000)

  const from = performance.now()
  // A test that fails in the middle must not leave its fault to the next one. Healed twice is healed.
  onTestFinished(async () => void (await heal(containerOf(old)).catch(() => undefined)))
  await inject(containerOf(old))
  const replacedAt = await takesWritesAgain(written, from, old)
  await heal(containerOf(old))
  const rejoinedMs = await untilSo('the pair is in sync again', isInSync, REJOINED_MS)
  await Promise.all([written.stop(), aside.stop()])

  // Without another node that takes writes there is nothing that the old one must not take.
  if (!mayStay) expect(replacedAt).not.toBeNull()
  const held = await writtenNow()
  expect({
    lost: written.said.filter(({ number }) => !held.has(number)),
    takenByTheOld: aside.said.filter(({ number }) => replacedAt !== null && number > replacedAt),
  }).toEqual({ lost: [], takenByTheOld: [] })
  expect(longestSilence(written, from)).toBeLessThan(WRITE_OUTAGE_MS)
  expect(rejoinedMs).toBeLessThan(REJOINED_MS)
})

/** Waits until writes were silent and came back; answers with when (Date) another node took them, or null when the same did. */
const takesWritesAgain = async (written: Heard, from: number, old: string): Promise<number | null> => {
  let replacedAt: number | null = null
  await untilSo(
    'writes are taken again after they were not',
    async () => {
      const isSo = longestSilence(written, from) > 1_000 && performance.now() - (written.said.at(-1)?.at ?? 0) < 500
      // After that look: whoever took the write that it saw is led to by now.
      const primary = await primaryNow()
      if (primary !== undefined && primary !== old) replacedAt ??= Date.now()
      return isSo
    },
    60_000,
  )
  return replacedAt
}
