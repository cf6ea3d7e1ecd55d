// How a drill's stage is left: everything healed, callers watched for as long as they are judged, and what everybody said saved.
import { setTimeout as pause } from 'node:timers/promises'
import type { Faults } from '../fault/fault.ts'
import type { Network } from '../fault/network/network.ts'
import type { TeardownPart } from '../history/event.ts'
import { AFTER_ADMISSION_MS, TAIL_MS } from '../history/periods.ts'
import type { Recorder } from '../history/recorder.ts'
import type { Clock } from '../time/clock.ts'
import { toMs } from '../time/duration.ts'
import { saveEvidence } from '../topology/saved.ts'
import type { Topology } from '../topology/topology.ts'
import type { ChangeStream } from '../traffic/change-stream.ts'
import type { DashboardPage } from '../traffic/dashboard.ts'
import type { ReadinessFollowers } from '../traffic/readiness.ts'
import { recordUpstreams } from '../traffic/upstream-record.ts'
import { waitForQuiet } from './quiet-time.ts'
import type { Sensors } from './sensors.ts'
import type { Steadiness } from './steadiness.ts'

/** A node that leaves and comes back for ever would keep the drill from its verdict. */
const REST_LIMIT_MS = toMs('30s')

/** Something that a script may leave in the deployment. */
export interface Leftover {
  /** What is to be said where it will not go: 'The backup of the database was not removed'. */
  readonly what: string
  /** Again does no harm, nor where it has gone. */
  remove(): Promise<void>
}

/** All that was started, and has to end. */
interface Standing {
  readonly topology: Topology
  readonly folder: string
  readonly startedAt: Date
  readonly recorder: Recorder
  readonly clock: Clock
  readonly faults: Pick<Faults, 'healAll'>
  readonly network: Pick<Network, 'settled'>
  readonly readiness: ReadinessFollowers
  readonly streams: readonly ChangeStream[]
  readonly leftovers: readonly Leftover[]
  readonly dashboard: Pick<DashboardPage, 'close'>
  readonly sensors: Sensors
  readonly steadiness: Pick<Steadiness, 'lookAgain'>
}

/**
 * Heals, lets the tail pass, saves what everybody said, and ends everything that was started. In this order, once: `ending.ts` sees to it.
 * What would not is on record, and never thrown. `withTail`: callers go on for as long as objectives are judged.
 */
export const closeStage = async (standing: Standing, withTail: boolean): Promise<void> => {
  const { topology, folder, startedAt, recorder, clock, faults, network, readiness, streams, dashboard } = standing
  const { callers, echo, engine, rotation, processors, harness } = standing.sensors
  const failed = (about: TeardownPart, because: string): void =>
    recorder.record({ kind: 'teardown', at: clock.now(), ok: false, about, because })
  const quietly = async (about: TeardownPart, what: string, act: () => Promise<unknown>): Promise<void> => {
    await act().catch((error: Error) => failed(about, `${what}: ${error.message}`))
  }

  for (const left of await faults.healAll()) failed('healing', left)
  await quietly('healing', 'The helpers of faults did not leave', () => network.settled())
  if (withTail) await quietly('tail', 'The end was not watched', () => tail(standing))
  await readiness.end()
  for (const stream of streams)
    await quietly('changes', 'The stream of changes was not seen to its end', () => stream.end({ isBrief: !withTail }))
  // Before anything heavy: a browser's trace that is written while they call would be felt as the deployment's slowness.
  await quietly('calls', 'The lanes were not closed', () => callers.closeAll())
  for (const stream of streams)
    await quietly('residue', 'The routes of the stream of changes were not deleted', () =>
      stream.tidy({ isBrief: !withTail }),
    )
  for (const { what, remove } of standing.leftovers) await quietly('residue', what, remove)
  await quietly('trace', 'The trace of the browser was not saved', () => dashboard.close())
  await quietly('upstream record', 'Not every upstream said what it saw', () =>
    recordUpstreams({ topology, callers, recorder, clock }),
  )
  await quietly('rotation', 'The watch of the balancers did not end', () => rotation.stop())
  await quietly('machine', 'The watch of the processors did not end', () => processors.stop())
  await quietly('machine', 'The watch of the harness did not end', () => harness.stop())
  engine.stop()
  const redact = (text: string): string => recorder.redactor.text(text)
  for (const unsaved of await saveEvidence({ topology, folder, sinceWallMs: startedAt.getTime(), redact }))
    failed(unsaved.about, unsaved.because)
  await quietly('residue', 'The callers did not go', () => callers.stop())
  await quietly('residue', 'The echo did not go', () => echo.stop())
  recorder.record({ kind: 'teardown', at: clock.now(), ok: true })
  recorder.close()
}

/**
 * Traffic for as long as objectives are judged after the last fault cleared, and until it shows how evenly it is spread since the
 * last node came back into rotation, as far as nodes come to rest there; then one more look at everything. Longer where the machine left
 * too few calls undisturbed since.
 */
const tail = async ({ recorder, clock, sensors, steadiness }: Standing): Promise<void> => {
  const cleared = recorder.events().findLast((event) => event.kind === 'fault' && event.stage === 'clear')
  if (!cleared || sensors.callers.lost() !== null) return
  const judgedUntil = cleared.at + TAIL_MS
  /** The last admission may come while it is waited for. */
  const leftMs = (atMost: number): number => {
    const admitted = recorder.events().findLast((event) => event.kind === 'rotation' && event.state === 'in')
    return Math.max(judgedUntil, Math.min((admitted?.at ?? 0) + AFTER_ADMISSION_MS, atMost)) - clock.now()
  }
  const goOn = async (atMost: number): Promise<void> => {
    for (let left = leftMs(atMost); left > 0; left = leftMs(atMost)) await pause(left)
  }
  const atRest = judgedUntil + REST_LIMIT_MS
  await goOn(atRest)
  await steadiness.lookAgain()
  // Whoever was admitted while we looked is watched as long as any other.
  await goOn(Math.max(atRest, clock.now() + AFTER_ADMISSION_MS))
  await waitForQuiet({ recorder, clock }, cleared.at)
}
