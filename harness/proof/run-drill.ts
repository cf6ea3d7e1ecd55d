// Runs the firedrill command as its user would, and reads what it left: exit code, verdicts, residue.
import { type ChildProcess, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from '../options.ts'
import type { Summary } from '../report/summary.ts'
import { EnvironmentError } from '../time/errors.ts'
import { docker } from '../topology/docker.ts'
import type { Verdict } from '../verdict/verdict.ts'

/** How a drill ended. */
export interface Drilled {
  readonly exitCode: number | null
  readonly output: string
  /** The run's folder; null when none was begun. */
  readonly folder: string | null
}

/** A drill under way: its process, what it said so far, and its end. */
export interface Drilling {
  readonly child: ChildProcess
  readonly said: () => string
  readonly ended: Promise<Drilled>
}

/** Starts `firedrill <argv>` in a process group of its own, as a terminal would. */
export const startDrill = (argv: readonly string[], env: Readonly<Record<string, string>> = {}): Drilling => {
  const child = spawn(process.execPath, [join(ROOT, 'harness', 'cli.ts'), ...argv], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let output = ''
  const hear = (chunk: Buffer): void => {
    output += chunk.toString()
  }
  child.stdout?.on('data', hear)
  child.stderr?.on('data', hear)
  const ended = new Promise<Drilled>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (exitCode) => {
      const run = /reports\/runs\/(fd-[\w-]+)/.exec(output)?.[1]
      resolve({ exitCode, output, folder: run === undefined ? null : join(ROOT, 'reports', 'runs', run) })
    })
  })
  return { child, said: () => output, ended }
}

type Asked = Pick<NodeJS.EventEmitter, 'on' | 'off'>

/**
 * Waits for its end. Where this process is asked to end meanwhile, the drill is asked as a terminal would ask it: it heals, cleans up and
 * ends, and then this throws.
 */
export const endWithUs = async ({ child, ended }: Drilling, us: Asked = process): Promise<Drilled> => {
  let signal: NodeJS.Signals | null = null
  const passOn = (asked: NodeJS.Signals): void => {
    signal = asked
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGINT')
  }
  for (const each of ['SIGINT', 'SIGTERM']) us.on(each, passOn)
  try {
    const drilled = await ended
    if (signal === null) return drilled
    throw new EnvironmentError(`Ended by ${signal}, and the drill under way with it.`, { code: 'ERR_INTERRUPTED' })
  } finally {
    for (const each of ['SIGINT', 'SIGTERM']) us.off(each, passOn)
  }
}

/** Runs `firedrill drill <argv>` to its end. */
export const drilled = (argv: readonly string[], env?: Readonly<Record<string, string>>): Promise<Drilled> =>
  endWithUs(startDrill(['drill', ...argv], env))

const folderOf = ({ folder, output }: Drilled): string => {
  if (folder !== null) return folder
  throw new Error(`The drill named no run's folder. It said:\n${output.slice(-4000)}`)
}

/** summary.json of a run. Throws with the drill's last words when there is none. */
export const summaryOf = async (run: Drilled): Promise<Summary> =>
  JSON.parse(await readFile(join(folderOf(run), 'summary.json'), 'utf8')) as Summary

/** verdict.json of one scenario of a run. */
export const verdictOf = async (run: Drilled, scenario: string): Promise<Verdict> =>
  JSON.parse(await readFile(join(folderOf(run), scenario, 'verdict.json'), 'utf8')) as Verdict

/** A run in short: how it ended, and of each scenario what it came to; one that did not pass says why. */
export const outcomesOf = async (run: Drilled) => {
  const { scenarios } = await summaryOf(run)
  return {
    exitCode: run.exitCode,
    scenarios: scenarios.map(({ name, outcome, findings, because }) => ({
      name,
      outcome,
      // The first sentence is an assumption's where one does not hold.
      because:
        outcome === 'pass'
          ? []
          : [because, ...findings.filter((finding) => finding.outcome !== 'pass').map((finding) => finding.because)],
    })),
  }
}

/** The same of a run in which every scenario passed. */
export const allPassed = (names: readonly string[]) => ({
  exitCode: 0,
  scenarios: names.map((name) => ({ name, outcome: 'pass', because: [] })),
})

/** Names of containers, networks and volumes that carry our label, whatever run they belong to. */
export const leftBehind = async (): Promise<readonly string[]> => {
  const filters = { label: ['firedrill.run'] }
  const [containers, networks, volumes] = await Promise.all([
    docker().listContainers({ all: true, filters }),
    docker().listNetworks({ filters }),
    docker().listVolumes({ filters }),
  ])
  return [
    ...containers.flatMap((each) => each.Names),
    ...networks.map((each) => each.Name),
    ...(volumes.Volumes ?? []).map((each) => each.Name),
  ]
}
