// A core of its own for a program, ahead of whatever else runs there: as on a machine that is not shared.
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'

/** Who takes part: the generator; whoever answers it; an echo, which goes before those it stands beside; and the bench, which waits for whom it measures. */
type Part = 'callers' | 'server' | 'echo' | 'bench'

interface Place {
  /** Null: whichever is free. */
  readonly core: number | null
  /** Of real time: before everything ordinary, after what the kernel itself needs (50 and more). */
  readonly priority: string
  /**
   * Whether only the threads that run JavaScript are kept on the core. The callers' others, which they may have to wait for, go where there is
   * room. Whichever thread of a killed server ends last takes its memory apart, and keeps that core from everybody for 7 to 12 ms.
   */
  readonly scriptsAlone?: true
  /** What it starts begins as an ordinary program: autocannon calls without a rest where nobody listens. */
  readonly hasOrdinaryHeirs?: true
}

const PLACES: Readonly<Record<Part, Place>> = {
  callers: { core: 0, priority: '20', scriptsAlone: true },
  server: { core: 1, priority: '20' },
  echo: { core: 1, priority: '21' },
  bench: { core: null, priority: '19', hasOrdinaryHeirs: true },
}

/** Of threads that compile and collect garbage for those that run JavaScript. */
const HELPERS_PRIORITY = '19'

/** Node's names for the threads that run JavaScript. */
const RUNS_SCRIPTS = /^(MainThread|WorkerThread|node)\n$/

const run = promisify(execFile)

const setThreadApart = async (pid: number, thread: string, place: Place): Promise<void> => {
  const runsScripts = RUNS_SCRIPTS.test(readFileSync(`/proc/${pid}/task/${thread}/comm`, 'utf8'))
  const heirs = place.hasOrdinaryHeirs ? ['--reset-on-fork'] : []
  await run('chrt', ['-r', ...heirs, '-p', runsScripts ? place.priority : HELPERS_PRIORITY, thread])
  if (place.core === null || (place.scriptsAlone && !runsScripts)) return
  await run('taskset', ['-c', '-p', String(place.core), thread])
}

/**
 * Gives a process that has all its threads its place, ahead of whatever else runs there. Whether that was allowed; where it is not, or there
 * is but one core, it runs among the others, and what that does to it is the sensor's to doubt. An echo goes before what it stands beside: a
 * server that works off what it was called while it was stalled is no noise of the machine's.
 */
export const setApart = async (pid: number | undefined, part: Part): Promise<boolean> => {
  const place = PLACES[part]
  if (pid === undefined || (place.core ?? 1) >= availableParallelism()) return false
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) await setThreadApart(pid, thread, place)
    return true
  } catch {
    return false
  }
}
