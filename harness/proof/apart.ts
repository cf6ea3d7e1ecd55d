// A core of its own for a program, ahead of whatever else runs there: as on a machine that is not shared.
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'

/** The generator's core, and that of whoever answers. */
export const CORES = { callers: 0, servers: 1 } as const

/** Real-time priorities: before everything ordinary, after what the kernel itself needs (50 and more). The bench waits for whom it measures. */
const PRIORITY = { echo: '21', scripts: '20', bench: '19', helpers: '19' } as const

/**
 * Node's names for the threads that run JavaScript. The others compile for it and collect its garbage, and it may have to wait for them: the
 * callers' go where there is room. A server's stay on its core: whichever thread of a killed process ends last takes its memory apart, and
 * keeps that core from everybody for 7 to 12 ms.
 */
const RUNS_SCRIPTS = /^(MainThread|WorkerThread|node)\n$/

const run = promisify(execFile)

type Part = 'echo' | 'scripts' | 'bench'

/** What a bench starts begins as an ordinary program: autocannon calls without a rest where nobody listens. */
const HEIRS: Readonly<Record<Part, readonly string[]>> = { echo: [], scripts: [], bench: ['--reset-on-fork'] }

const setThreadApart = async (pid: number, thread: string, core: number | null, part: Part): Promise<void> => {
  const runsScripts = RUNS_SCRIPTS.test(readFileSync(`/proc/${pid}/task/${thread}/comm`, 'utf8'))
  await run('chrt', ['-r', ...HEIRS[part], '-p', runsScripts ? PRIORITY[part] : PRIORITY.helpers, thread])
  if (core !== null && (runsScripts || core === CORES.servers)) await run('taskset', ['-c', '-p', String(core), thread])
}

/**
 * Gives every thread of a process that runs JavaScript a core (null: whichever is free), and all of them precedence. Whether that was
 * allowed; where it is not, or there is but one core, it runs among the others, and what that does to it is the sensor's to doubt. An echo
 * goes before what it stands beside: a server that works off what it was called while it was stalled is no noise of the machine's.
 */
export const setApart = async (
  pid: number | undefined,
  core: number | null,
  part: Part = 'scripts',
): Promise<boolean> => {
  if (pid === undefined || (core ?? 1) >= availableParallelism()) return false
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) await setThreadApart(pid, thread, core, part)
    return true
  } catch {
    return false
  }
}
