// Which runs stay on disk: the last thirty and every failed one; and the link `latest` to the newest.
import { randomUUID } from 'node:crypto'
import { readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { EnvironmentError } from '../time/errors.ts'
import type { Verdict } from '../verdict/verdict.ts'
import type { RunFile } from './judged.ts'
import type { Summary } from './summary.ts'

/**
 * Removes the runs that need not be kept, and nothing else: what somebody keeps beside them stays. Those that came to nothing are counted
 * apart, or they would take the place of runs that did. `latest` never points at nothing afterwards. Resolves with the names removed.
 * Throws EnvironmentError on what would not go, once the rest is gone.
 */
export const retain = async (runsFolder: string, keep = 30): Promise<readonly string[]> => {
  const runs = await runsIn(runsFolder)
  const old = [true, false].flatMap((cameToNothing) =>
    runs.filter((run) => run.cameToNothing === cameToNothing).slice(keep),
  )
  const unwanted = runs.filter((run) => old.includes(run) && !run.isFailed).map(({ name }) => name)
  const stuck: string[] = []
  for (const name of unwanted)
    await rm(join(runsFolder, name), { recursive: true, force: true }).catch((error: Error) => {
      stuck.push(`${name} (${error.message})`)
    })
  const [newest] = runs
  if (newest && keep > 0 && !(await pointsSomewhere(runsFolder))) await linkLatest(runsFolder, newest.name)
  if (stuck.length === 0) return unwanted
  throw new EnvironmentError(`Old runs could not be removed: ${stuck.join(', ')}. Remove them yourself.`, {
    code: 'ERR_RETAIN',
  })
}

/** Points `latest` at a run, in one step: there is never a moment without the link. The link is relative, so the folder can be moved. */
export const linkLatest = async (runsFolder: string, run: string): Promise<void> => {
  const beside = join(runsFolder, `.latest.${randomUUID()}`)
  try {
    await symlink(run, beside, 'dir')
    await rename(beside, join(runsFolder, 'latest'))
  } catch (cause) {
    await rm(beside, { force: true })
    throw new EnvironmentError(
      `${join(runsFolder, 'latest')} could not be pointed at ${run}: ${(cause as Error).message}. Whoever reads it reads of another run: move away what lies there.`,
      { code: 'ERR_LATEST', cause },
    )
  }
}

interface Run {
  readonly name: string
  readonly beganMs: number
  readonly isFailed: boolean
  /** The machine or the request was at fault. */
  readonly cameToNothing: boolean
}

/** The runs of a folder, newest first. A folder that is missing holds none. */
const runsIn = async (runsFolder: string): Promise<readonly Run[]> => {
  const entries = await readdir(runsFolder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
  const isRun = await Promise.all(folders.map(({ name }) => isRunNamed(runsFolder, name)))
  const runs = await Promise.all(folders.filter((_, i) => isRun[i]).map(({ name }) => runOf(runsFolder, name)))
  return runs.toSorted((a, b) => b.beganMs - a.beganMs || (a.name < b.name ? 1 : -1))
}

/** A run's own file names its folder; that of a copy under another name does not, and the copy is somebody's. */
const isRunNamed = async (runsFolder: string, name: string): Promise<boolean> => {
  const run = await jsonIn<RunFile>(join(runsFolder, name, 'run.json'))
  return run?.run === name
}

const runOf = async (runsFolder: string, name: string): Promise<Run> => {
  const summary = await jsonIn<Summary>(join(runsFolder, name, 'summary.json'))
  const began = summary ? Date.parse(summary.startedAt) : Number.NaN
  return {
    name,
    // A run that ended without a summary is as old as its folder.
    beganMs: Number.isNaN(began) ? (await stat(join(runsFolder, name))).mtimeMs : began,
    isFailed: summary ? summary.outcome === 'fail' : await holdsFailure(join(runsFolder, name)),
    cameToNothing: summary?.exitCode === 3,
  }
}

/** Whether anything that was played in it failed: whoever was killed before the summary has judged that already. */
const holdsFailure = async (folder: string): Promise<boolean> => {
  const entries = await readdir(folder, { withFileTypes: true })
  const verdicts = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => jsonIn<Verdict>(join(folder, entry.name, 'verdict.json')))
  return (await Promise.all(verdicts)).some((verdict) => verdict?.outcome === 'fail')
}

/** Missing or torn is null: of a summary nobody knows then that it failed. */
const jsonIn = async <T>(file: string): Promise<T | null> => {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as T
  } catch {
    return null
  }
}

/** A folder of that name is somebody's, and no link that leads nowhere. */
const pointsSomewhere = (runsFolder: string): Promise<boolean> =>
  stat(join(runsFolder, 'latest')).then(
    () => true,
    () => false,
  )
