// Calls a server through the callers' own programs for a while, every call on record, and prints as JSON what the record says.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { ERROR_CLASSES, type Lane, outcomeOf } from '../history/call.ts'
import { readLane } from '../history/calls-file.ts'
import { eventsOf } from '../history/event.ts'
import { spawnCallers } from '../traffic/spawned-callers.fixture.ts'
import { setApart } from './apart.ts'
import { quantile } from './fault-bench.ts'
import type { Called, LoadPlan } from './load-bench.ts'

const DEADLINE_MS = 2000

/** The calls of one program, which has the harness's side of its streams in this process, as in a drill. */
const callOnce = async ({
  url,
  lanes,
  seconds,
  apart = false,
}: LoadPlan): Promise<Omit<Called, 'late'> & { lateUs: Uint32Array }> => {
  const { callers, recorder, folder, process } = await spawnCallers()
  try {
    const names = lanes.map(({ connections }, i) => `${connections}-${i}`)
    for (const [i, { connections, rate }] of lanes.entries()) {
      const plan = { lane: names[i] ?? '', purpose: 'callers', zone: 'outside', connections, url, rate } as const
      await callers.open({ ...plan, deadlineMs: DEADLINE_MS, expectEcho: true })
    }
    // All its threads are there once a lane is open.
    const isApart = apart && (await setApart(process.pid, 'callers'))
    await pause(seconds * 1000)
    const counts = await Promise.all(names.map(async (name) => (await callers.close(name)).count))
    const read = names.map((name, i) => readLane(join(folder, 'calls', `${name}.calls`), counts[i]))
    const stalls = eventsOf(recorder.events(), 'generator-stall').map(({ stallMs }) => stallMs)
    return { ...counted(read), stallMs: stalls, isApart, lateUs: sentLate(read) }
  } finally {
    await callers.stop()
    await rm(folder, { recursive: true })
  }
}

const counted = (lanes: readonly Lane[]): Pick<Called, 'scheduled' | 'recorded' | 'unsent' | 'answered'> => {
  const of = { scheduled: 0, recorded: 0, unsent: 0, answered: 0 }
  for (const lane of lanes) {
    of.scheduled += lane.count
    for (let i = 0; i < lane.count; i += 1) {
      if (lane.recorded[i] === 0) continue
      const outcome = outcomeOf(ERROR_CLASSES[lane.errorClass[i] ?? 0] ?? 'other')
      of.recorded += 1
      if (outcome === 'unsent') of.unsent += 1
      if (outcome === 'answered') of.answered += 1
    }
  }
  return of
}

/** Send minus schedule of every call that was recorded, in µs. */
const sentLate = (lanes: readonly Lane[]): Uint32Array =>
  Uint32Array.from(lanes.flatMap((lane) => [...lane.lateUs.filter((_, i) => lane.recorded[i] === 1)]))

const main = async (plan: LoadPlan): Promise<Called> => {
  const all = await Promise.all(Array.from({ length: plan.programs }, () => callOnce(plan)))
  const lateUs = all.flatMap((one) => [...one.lateUs])
  const sum = (of: (one: (typeof all)[number]) => number): number => all.reduce((total, one) => total + of(one), 0)
  return {
    scheduled: sum((one) => one.scheduled),
    recorded: sum((one) => one.recorded),
    unsent: sum((one) => one.unsent),
    answered: sum((one) => one.answered),
    stallMs: all.flatMap((one) => one.stallMs),
    isApart: all.every((one) => one.isApart),
    late: { p50: lateMs(lateUs, 0.5), p99: lateMs(lateUs, 0.99), p999: lateMs(lateUs, 0.999), max: lateMs(lateUs, 1) },
  }
}

const lateMs = (lateUs: readonly number[], share: number): number => quantile(lateUs, share) / 1000

console.log(JSON.stringify(await main(JSON.parse(process.argv[2] ?? '') as LoadPlan)))
