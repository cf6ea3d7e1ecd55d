// Which runs stay on disk: the last thirty and every failed one; and the link `latest` to the newest.
import { randomUUID } from 'node:crypto'
import { readdir, readFile, readlink, rename, rm, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Summary } from './summary.ts'

/** Removes the runs that need not be kept; `latest` never points at nothing afterwards. Resolves with the names removed. */
export const retain = async (runsFolder: string, keep = 30): Promise<readonly string[]> => {
  const runs = await runsIn(runsFolder)
  const removed = runs.slice(keep).filter(({ isFailed }) => !isFailed)
  for (const { name } of removed) await rm(join(runsFolder, name), { recursive: true, force: true })
  const [newest] = runs
  if (newest && keep > 0 && !(await pointsSomewhere(runsFolder))) await linkLatest(runsFolder, newest.name)
  return removed.map(({ name }) => name)
}

/** Points `latest` at a run, in one step: there is never a moment without the link. The link is relative, so the folder can be moved. */
export const linkLatest = async (runsFolder: string, run: string): Promise<void> => {
  const beside = join(runsFolder, `.latest.${randomUUID()}`)
  await symlink(run, beside, 'dir')
  try {
    await rename(beside, join(runsFolder, 'latest'))
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
}

interface Run {
  readonly name: string
  readonly beganMs: number
  readonly isFailed: boolean
}

/** The runs of a folder, newest first. A folder that is missing holds none. */
const runsIn = async (runsFolder: string): Promise<readonly Run[]> => {
  const entries = await readdir(runsFolder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
  const runs = await Promise.all(folders.map(({ name }) => runOf(runsFolder, name)))
  return runs.toSorted((a, b) => b.beganMs - a.beganMs || (a.name < b.name ? 1 : -1))
}

const runOf = async (runsFolder: string, name: string): Promise<Run> => {
  const summary = await summaryOf(join(runsFolder, name))
  const began = summary ? Date.parse(summary.startedAt) : Number.NaN
  return {
    name,
    // A run that ended without a summary is as old as its folder.
    beganMs: Number.isNaN(began) ? (await stat(join(runsFolder, name))).mtimeMs : began,
    isFailed: summary?.outcome === 'fail',
  }
}

const summaryOf = async (folder: string): Promise<Summary | null> => {
  try {
    return JSON.parse(await readFile(join(folder, 'summary.json'), 'utf8')) as Summary
  } catch {
    // Missing or torn: then nobody knows that it failed.
    return null
  }
}

const pointsSomewhere = async (runsFolder: string): Promise<boolean> => {
  const target = await readlink(join(runsFolder, 'latest')).catch(() => null)
  if (target === null) return false
  return stat(join(runsFolder, target)).then(
    () => true,
    () => false,
  )
}
