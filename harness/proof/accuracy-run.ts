// One run of the callers against a server whose outages are known, on this machine: what they saw of them.
import { rm } from 'node:fs/promises'
import { readHistory } from '../history/read.ts'
import type { Clock } from '../time/clock.ts'
import type { LanePlan } from '../traffic/callers.ts'
import { spawnCallers } from '../traffic/spawned-callers.fixture.ts'
import type { RunRecord } from './accuracy-record.ts'
import { setApart } from './apart.ts'
import { countedBy, failedBy } from './counted.ts'
import { type Journalled, type ServedTruth, serveTruth } from './served-truth.ts'
import { type Compared, sightedBy } from './sighting.ts'
import { prolonged, type Truth } from './truth.ts'
import { analysedWith } from './truthful-history.ts'
import { until } from './until.ts'

/** The lane that calls the server whose outages are known. */
export const LANE = 'calls'
export const DEADLINE_MS = 2000

/** Until the first outage: a second to warm up, and what is usual. */
const LEAD_MS = 4000
/** After each outage: as long as its aftermath may last, and a hundred calls on either side that are as usual. */
const REST_MS = 500
const REST_CALLS = 120

/** What is to be made while so many calls a second run. */
export interface RunPlan {
  readonly kind: 'stall' | 'kill' | 'wrong'
  readonly rate: number
  /** In this order; none of them is a healthy soak. */
  readonly lengthsMs: readonly number[]
  /** At the end, in the soak's case all there is. */
  readonly tailMs?: number
}

const planOf = (lane: string, url: string, { rate }: RunPlan): LanePlan => ({
  lane,
  purpose: lane === LANE ? 'callers' : 'control',
  zone: 'outside',
  connections: 'kept-alive',
  url,
  rate,
  deadlineMs: DEADLINE_MS,
  expectEcho: true,
})

/** Makes the outages one after another, each at a phase of chance. */
export const madeBy = async (server: ServedTruth, plan: RunPlan, clock: Clock): Promise<readonly Truth[]> => {
  const truths: Truth[] = []
  await until(clock, clock.now() + LEAD_MS)
  for (const askedMs of plan.lengthsMs) {
    await until(clock, clock.now() + 200 * Math.random())
    truths.push(await server.make(plan.kind, askedMs))
    await until(clock, clock.now() + Math.max(REST_MS, (REST_CALLS * 1000) / plan.rate))
  }
  await until(clock, clock.now() + (plan.tailMs ?? 0))
  return truths
}

/** Runs our callers, and analyses their files as a drill's are. */
export const runCallers = async (plan: RunPlan): Promise<RunRecord> => {
  const spawned = await spawnCallers()
  const { callers, recorder, folder, clock } = spawned
  const spares = plan.kind === 'kill' ? plan.lengthsMs.length : 0
  const server = await serveTruth({ clock, folder, name: 'server', spares })
  const echo = await serveTruth({ clock, folder, name: 'echo', isEcho: true })
  try {
    await callers.open(planOf(LANE, server.url, plan))
    await callers.open(planOf('control', echo.url, plan))
    // All its threads are there once a lane is open.
    await setApart(spawned.process.pid, 'callers')
    const made = await madeBy(server, plan, clock)
    await callers.closeAll()
    recorder.close()
    const stills = server.stills()
    const truths = made.map((truth) => prolonged(truth, stills))
    return recordOf(plan, { ...analysedWith(await readHistory(folder), made), truths, stills }, server.journal())
  } finally {
    server.end()
    echo.end()
    await callers.stop()
    await rm(folder, { recursive: true })
  }
}

/** A stalled server answers in the end whoever has gone, so its journal says nothing of calls that waited too long. */
const isKnown = ({ kind, lengthsMs }: RunPlan): boolean =>
  kind !== 'stall' || lengthsMs.every((ms) => ms < DEADLINE_MS / 2)

const recordOf = (plan: RunPlan, analysed: Compared, journal: readonly Journalled[]): RunRecord => ({
  ...seenBy(analysed),
  by: 'firedrill',
  kind: plan.lengthsMs.length === 0 ? 'soak' : plan.kind,
  rate: plan.rate,
  counted: isKnown(plan) ? countedBy(LANE, { ...analysed, journal }) : null,
})

/** What every record of our own lane has. */
export const seenBy = (
  analysed: Compared,
): Pick<RunRecord, 'sightings' | 'falseMs' | 'floorMs' | 'calls' | 'failed'> => {
  const { sightings, falseOnes } = sightedBy(LANE, analysed)
  const lane = analysed.analysis.lanes.find((each) => each.lane === LANE)
  return {
    sightings,
    falseMs: falseOnes.map(({ length }) => length.point),
    floorMs: lane?.floorMs ?? Number.NaN,
    calls: lane?.count ?? 0,
    failed: failedBy(analysed.analysis, LANE),
  }
}
