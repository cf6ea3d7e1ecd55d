// The same outages, while autocannon loads the server: what it would have said of them.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Window } from '../analysis/analysis.ts'
import { meets } from '../analysis/windows.ts'
import { clockSince } from '../time/clock.ts'
import type { RunRecord } from './accuracy-record.ts'
import { madeBy, type RunPlan } from './accuracy-run.ts'
import type { Cannonade } from './autocannon-load.ts'
import { serveTruth } from './served-truth.ts'
import type { Sighting } from './sighting.ts'
import { errorOf, type Truth } from './truth.ts'

const PROGRAM = join(import.meta.dirname, 'autocannon-load.ts')

/**
 * Runs it: its outage is the longest time between two successes in which the truth lies. What is usual for it is the longest gap before the first outage:
 * an outage is found when its gap is longer. It gets no precedence: where nobody listens it asks again and again without a rest, and
 * would leave nobody else a processor.
 */
export const runAutocannon = async (plan: RunPlan): Promise<RunRecord> => {
  const { kind, rate } = plan
  const folder = await mkdtemp(join(tmpdir(), 'firedrill-autocannon-'))
  const clock = clockSince()
  const spares = kind === 'kill' ? plan.lengthsMs.length : 0
  const server = await serveTruth({ clock, folder, name: 'server', spares })
  const load = spawn(process.execPath, [PROGRAM, server.url, String(rate)], { stdio: ['pipe', 'pipe', 'inherit'] })
  try {
    const truths = await madeBy(server, plan, clock)
    load.stdin.end()
    const { gaps, answered, failed } = JSON.parse(await text(load.stdout)) as Cannonade
    const onRun = gaps.map(([from, to]): Window => [from - clock.originMs, to - clock.originMs])
    const sightings = sightingsIn(onRun, truths)
    return {
      by: 'autocannon',
      kind,
      rate,
      sightings,
      falseMs: [],
      floorMs: 0,
      calls: answered,
      failed,
      counted: null,
    }
  } finally {
    load.kill('SIGKILL')
    server.end()
    await rm(folder, { recursive: true })
  }
}

const longest = (gaps: readonly Window[]): number => gaps.reduce((most, [from, to]) => Math.max(most, to - from), 0)

/** Its first two seconds open its connections: they are not what is usual. */
const WARM_UP_MS = 2000

/** By the gaps alone: it says nothing of bounds, and doubts nothing. */
export const sightingsIn = (gaps: readonly Window[], truths: readonly Truth[]): readonly Sighting[] => {
  const first = truths[0]?.from[0] ?? 0
  const usualMs = longest(gaps.filter(([from, to]) => from > first - WARM_UP_MS && to < first))
  return truths.map((truth) => {
    const gapMs = longest(gaps.filter((gap) => meets(gap, [truth.from[0], truth.to[1]])))
    const isFound = gapMs > usualMs
    return {
      truth,
      seen: isFound ? 'found' : 'missed',
      errorMs: errorOf(gapMs, truth),
      holds: null,
      outage: null,
    }
  })
}
