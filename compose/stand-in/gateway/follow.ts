// Keeps the configuration as the DP Managers have it: one full read, then one watch after another, over every endpoint in turn.
import type { Configuration } from './configuration.ts'
import { type DpManager, UnexpectedStatus } from './dp-manager.ts'
import type { EndpointRing } from './endpoint-ring.ts'
import type { WatchFrame } from './etcd-json.ts'
import { type Log, reasonOf } from './log.ts'
import type { Timings } from './timings.ts'
import { backoffMs, jittered, pause } from './wait.ts'

export interface Following {
  readonly dpManager: DpManager
  readonly ring: EndpointRing
  readonly configuration: Configuration
  readonly timings: Timings
  readonly log: Log
  /** Called when no DP Manager answers any more. What is in memory serves on, unless this forgets it. */
  readonly onLoss: () => void
  /** Called after every full read. */
  readonly onLoaded: () => void
}

/** How far the follower is. A restart begins with a full read. */
interface Course {
  mustReadAll: boolean
  outageRounds: number
}

/** After a watch that ended sooner than this there is a short pause, so that watching again at once never becomes a busy loop. */
const shortWatchMs = 1_000
const shortWatchPauseMs = 100

/** Runs until the signal is aborted. The configuration has a revision as soon as the first full read is done. */
export async function followConfiguration(following: Following, signal: AbortSignal): Promise<void> {
  const course: Course = { mustReadAll: true, outageRounds: 0 }
  while (!signal.aborted) {
    const endpoint = following.ring.next()
    if (endpoint === undefined) {
      await sitOut(course, following, signal)
      continue
    }
    try {
      await followOne(endpoint, { course, following, signal })
    } catch (error) {
      if (!signal.aborted) await setBack(error, { endpoint, following, signal })
    }
  }
}

interface Turn {
  readonly course: Course
  readonly following: Following
  readonly signal: AbortSignal
}

async function followOne(endpoint: string, { course, following, signal }: Turn): Promise<void> {
  const { configuration, log } = following
  if (course.mustReadAll || configuration.revision() === undefined)
    await readEverything(endpoint, { course, following, signal })
  const openedAt = performance.now()
  const end = await watchUntilEnd(endpoint, { course, following, signal })
  const revision = configuration.revision()
  if (end.kind === 'resync') {
    course.mustReadAll = true
    log.warn({ endpoint, because: end.because, revision }, 'etcd may be restarted. resyncing')
    return
  }
  log.info({ endpoint, because: end.because, revision }, 'watch was closed, watching again')
  if (performance.now() - openedAt < shortWatchMs) await pause(shortWatchPauseMs, signal)
}

interface WatchEnd {
  readonly kind: 'closed' | 'resync'
  readonly because: string
}

/** Only a watch that could not be opened counts against its endpoint; one that breaks later, or falls silent, is a normal end. */
async function watchUntilEnd(endpoint: string, { course, following, signal }: Turn): Promise<WatchEnd> {
  const { configuration, dpManager, log } = following
  const startRevision = (configuration.revision() ?? 0) + 1
  let isOpen = false
  try {
    for await (const frame of dpManager.watch(endpoint, { startRevision, signal })) {
      isOpen = true
      noteReached(endpoint, course, log)
      const because = takeFrame(frame, following)
      if (because !== undefined) return { kind: 'resync', because }
    }
    return { kind: 'closed', because: 'the DP Manager ended it' }
  } catch (error) {
    if (!isOpen || codeOf(error) === undefined) throw error
    return { kind: 'closed', because: reasonOf(error) }
  }
}

/** The old configuration serves until the whole new one is here. */
async function readEverything(endpoint: string, { course, following, signal }: Turn): Promise<void> {
  const { configuration, dpManager, log } = following
  const snapshot = await dpManager.range(endpoint)
  // A reload may have read since then what is newer than this.
  signal.throwIfAborted()
  configuration.replace(snapshot)
  course.mustReadAll = false
  noteReached(endpoint, course, log)
  const { revision, items, unreadable } = snapshot
  log.info({ endpoint, revision, items: items.length, unreadable }, 'configuration loaded')
  following.onLoaded()
}

/**
 * Applies a frame; says why everything has to be read again when the frame cannot be applied. The revision of a created frame is
 * looked at by no APISIX (rule W4): a watch from beyond what a restored etcd has stays as it is, and stale.
 */
function takeFrame(frame: WatchFrame, { configuration, log }: Following): string | undefined {
  const known = configuration.revision() ?? 0
  if (frame.kind === 'compacted') return `start revision was compacted at ${frame.revision}`
  if (frame.kind === 'created') return undefined
  if (frame.revision < known) return `received smaller revision ${frame.revision}, expected at least ${known}`
  configuration.apply(frame.changes)
  for (const change of frame.changes) {
    if (change.kind === 'unreadable')
      log.error({ key: change.key }, 'failed to check item data: no JSON, the old value stays')
  }
  log.info({ revision: configuration.revision(), changes: frame.changes.length }, 'configuration applied')
  return undefined
}

function noteReached(endpoint: string, course: Course, log: Log): void {
  if (course.outageRounds === 0) return
  log.info({ endpoint, afterRounds: course.outageRounds }, 'reconnected to etcd')
  course.outageRounds = 0
}

async function sitOut(course: Course, { timings, log, onLoss }: Following, signal: AbortSignal): Promise<void> {
  onLoss()
  const waitMs = backoffMs(course.outageRounds, { baseMs: timings.backoffBaseMs, maxMs: timings.backoffMaxMs })
  course.outageRounds += 1
  log.warn({ round: course.outageRounds }, `no healthy etcd endpoint available, next retry after ${waitMs / 1000}s`)
  await pause(waitMs, signal)
}

/** An endpoint that cannot be reached counts as failed and the next one is tried; anything else waits to resync. */
async function setBack(
  error: unknown,
  {
    endpoint,
    following,
    signal,
  }: { readonly endpoint: string; readonly following: Following; readonly signal: AbortSignal },
): Promise<void> {
  const { ring, timings, log } = following
  const reason = reasonOf(error)
  if (isUnreachable(error)) {
    ring.failed(endpoint)
    log.warn({ endpoint, reason }, 'DP Manager cannot be reached, trying the next one')
    return
  }
  log.error({ endpoint, reason }, 'failed to fetch data from etcd, resyncing after a delay')
  await pause(jittered(timings.resyncDelayMs), signal)
}

function isUnreachable(error: unknown): boolean {
  return error instanceof UnexpectedStatus ? error.status >= 500 : codeOf(error) !== undefined
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
