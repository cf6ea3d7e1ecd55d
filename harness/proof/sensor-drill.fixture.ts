// A drill without containers: real callers, a real record, and two deployments that they watch at once. One is healthy; the other
// is out while a fault is in effect that hits neither. Each is judged by itself, from its files.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Event } from '../history/event.ts'
import type { Recorder } from '../history/recorder.ts'
import { watchProcessors } from '../traffic/processors.ts'
import { type SpawnedCallers, spawnCallers } from '../traffic/spawned-callers.fixture.ts'
import { type StoppableServer, startStoppableServer } from './stoppable-server.fixture.ts'

/** Sees outages of 40 ms: callers, and the control lane beside them. */
const RATE = 75
export const DEADLINE_MS = 1000
/** For so long everybody has to be answered before anything is broken. */
const STEADY_MS = 5000
/** A dozen of these compile what they run at the same time. */
const STEADY_LIMIT_MS = 60_000
/** How long the fault is in effect. */
const DISTURBED_MS = 2000
/** Objectives are judged until 10 s after the last fault; lanes end a little later. */
const TAIL_MS = 10_100

const NODES = ['data-plane-1', 'data-plane-2']

/** The lanes and what each of them calls: `well` a healthy deployment, `out` one that is stopped for a while. */
export const LANES = { well: 'well', out: 'out', control: 'control' } as const

/** What a sickness can get at. */
export interface Patient {
  readonly spawned: SpawnedCallers
  /** The healthy deployment, and what the control lane calls. */
  readonly well: StoppableServer
  readonly echo: StoppableServer
}

export interface SensorDrill {
  /** Makes the sensor sick as the fault takes effect, and well again; the drill waits for it. */
  readonly sicken?: (patient: Patient) => Promise<void>
  /** Of the callers' program. */
  readonly execArgv?: readonly string[]
  /** When the other deployment is out, ms after the fault took effect. */
  readonly outage: readonly [from: number, to: number]
  /** So much longer do lanes stay open: where their clock lags behind ours. */
  readonly lagMs?: number
}

export interface Drilled {
  readonly folder: string
  /** The least and the most that the outage can have lasted, ms: stopping and starting take their time. */
  readonly truth: readonly [atLeast: number, atMost: number]
  /** What the record said as it was closed, or null. */
  readonly unwritten: string | null
}

/** Plays it to its end. */
export const playSensorDrill = async ({ sicken, execArgv, outage, lagMs = 0 }: SensorDrill): Promise<Drilled> => {
  const servers = await Promise.all(['data-plane-1', 'data-plane-2', 'echo'].map(startStoppableServer))
  const [well, out, echo] = servers as [StoppableServer, StoppableServer, StoppableServer]
  const spawned = await spawnCallers(NODES, execArgv)
  const { callers, recorder, clock, folder } = spawned
  const processors = watchProcessors({ recorder, clock })
  try {
    recorder.record(RUN)
    for (const node of NODES) recorder.record({ ...TRUSTED, node })
    for (const [lane, { url }] of Object.entries({ well, out, control: echo })) await open(spawned, lane, url)
    await untilSteady(spawned)
    recorder.record({ kind: 'steady', at: clock.now(), ok: true, checks: [] })
    const since = breakOne(recorder, clock.now())
    const [truth] = await Promise.all([
      outFor(out, clock.now, { from: since + outage[0], to: since + outage[1] }),
      sicken?.({ spawned, well, echo }),
      pause(DISTURBED_MS),
    ])
    healOne(recorder, clock.now())
    // As the stage does it: nobody waits for callers that are gone.
    if (callers.lost() === null) {
      await pause(TAIL_MS + lagMs)
      recorder.record({ kind: 'steady', at: clock.now(), ok: true, checks: [] })
    }
    recorder.record({ kind: 'claim', at: clock.now(), demand: DEMAND })
    recorder.record({ kind: 'script', at: clock.now(), outcome: 'finished' })
    return { folder, truth, unwritten: await close(spawned, processors) }
  } finally {
    await close(spawned, processors)
    await Promise.all(servers.map((server) => server.stop().catch(() => {})))
  }
}

/** The folder of a copy in `into` that holds a lane of one deployment, and the control lane: as if callers had called nothing else. */
export const apart = (folder: string, lane: 'well' | 'out', into: string): string => {
  const copy = join(mkdtempSync(join(into, `${lane}-`)), 'sensor-drill')
  cpSync(folder, copy, { recursive: true })
  const other = lane === 'well' ? LANES.out : LANES.well
  rmSync(join(copy, 'calls', `${other}.calls`), { force: true })
  const history = join(copy, 'history.jsonl')
  const ofOther = (line: string): boolean =>
    line.includes(`"kind":"lane-closed","lane":"${other}"`) ||
    line.includes(`"kind":"lane","header":{"schema":"firedrill.calls/1","lane":"${other}"`)
  const lines = readFileSync(history, 'utf8').split('\n')
  writeFileSync(history, lines.filter((line) => !ofOther(line)).join('\n'))
  return copy
}

const open = ({ callers }: SpawnedCallers, lane: string, url: string) =>
  callers.open({
    lane,
    purpose: lane === LANES.control ? 'control' : 'callers',
    zone: 'outside',
    connections: 'kept-alive',
    url: `${url}/orders`,
    rate: RATE,
    deadlineMs: DEADLINE_MS,
    expectEcho: true,
  })

const close = async ({ callers }: SpawnedCallers, processors: { stop(): Promise<void> }) => {
  await processors.stop()
  return callers.stop().then(
    () => null,
    (error: Error) => error.message,
  )
}

/** Until a full second in which everybody was answered is so long ago, and none was otherwise since. Rejects where that does not come. */
const untilSteady = async ({ callers, clock }: SpawnedCallers): Promise<void> => {
  const until = clock.now() + STEADY_LIMIT_MS
  let since = Number.POSITIVE_INFINITY
  // A full second is read a little after it is over, and began a second before.
  while (clock.now() < since + STEADY_MS - 1000) {
    if (clock.now() > until)
      throw new Error(`Not everybody was answered for ${STEADY_MS / 1000} s in a row, in ${STEADY_LIMIT_MS / 1000} s.`)
    await pause(50)
    const { ended, answered } = callers.live()
    if (ended < 2 * RATE - 2 || answered < ended) since = Number.POSITIVE_INFINITY
    else since = Math.min(since, clock.now())
  }
}

const outFor = async (
  server: StoppableServer,
  now: () => number,
  { from, to }: { from: number; to: number },
): Promise<Drilled['truth']> => {
  await pause(Math.max(0, from - now()))
  const stopping = now()
  await server.stop()
  const stopped = now()
  await pause(Math.max(0, to - now()))
  const starting = now()
  await server.start()
  return [starting - stopped, now() - stopping]
}

const FAULT = { kind: 'fault', id: 'kill-1', fault: 'kill', targets: ['data-plane-2'] } as const

/** Writes down a fault that somebody saw; when it took effect. */
const breakOne = (recorder: Recorder, at: number): number => {
  recorder.record({ ...FAULT, at, stage: 'intent' })
  recorder.record({ ...FAULT, at, stage: 'injected' })
  recorder.record({ ...FAULT, at, stage: 'in-effect', ...witnessed(at) })
  return at
}

const healOne = (recorder: Recorder, at: number): void => {
  recorder.record({ ...FAULT, at, stage: 'heal' })
  recorder.record({ ...FAULT, at, stage: 'healed' })
  recorder.record({ ...FAULT, at, stage: 'clear', ...witnessed(at) })
}

const witnessed = (at: number) =>
  ({ evidence: [{ source: 'engine event', said: 'it was so', confirms: true, at }], bounds: [at, at] }) as const

const DEMAND = { fullOutage: '0ms', partialOutage: '0ms', lostCalls: 0, availability: 1 } as const

const RUN: Event = {
  kind: 'run',
  at: 0,
  schema: 'firedrill.history/1',
  run: 'sensor-drill',
  seed: 1,
  startedAt: '2026-11-20T14:02:11.482Z',
  scenario: { name: 'sensor-drill', title: 'a drill of the sensor', file: 'sensor-drill.scenario.ts', tags: [] },
  topology: { stack: 'none', project: 'none', network: 'none', subnet: '10.213.77', nodes: [] },
  settings: { rate: RATE, deadlineMs: DEADLINE_MS, lbCheck: '/status', timings: 'vendor' },
}

const TRUSTED = {
  kind: 'rotation',
  at: 0,
  balancer: 'balancer',
  backend: 'gateway',
  state: 'in',
  lastLookAt: 0,
} as const
