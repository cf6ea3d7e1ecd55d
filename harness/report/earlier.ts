// What a run was judged to before, which somebody may have signed: kept beside it where it is judged to something else.
import { randomUUID } from 'node:crypto'
import { copyFile, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { EnvironmentError } from '../time/errors.ts'
import { isThere } from './files.ts'
import { digestOf, summaryJson, verdictJson } from './json.ts'
import type { Redacted } from './redact-values.ts'
import type { Harness, JudgedBy, Summary } from './summary.ts'

/** In the run's folder; in it a folder for each judging, by the first digits of the SHA-256 that stands on its sign-off. */
const EARLIER = 'earlier'
const DIGITS = 12

const SUMMARY = 'summary.json'
const OF_A_RUN = [SUMMARY, 'summary.md', 'junit.xml', 'index.html']
const OF_A_SCENARIO = ['verdict.json', 'latency.hlog']

/** An earlier judging, copied aside while its run is judged again. */
export interface Earlier {
  /** SHA-256 of its summary.json. */
  readonly sha256: string
  /** What it said, for programs: summary.json and each verdict.json, by their paths in the run's folder. */
  readonly said: ReadonlyMap<string, string>
  /** Keeps it for good. Resolves with its folder, relative to the run's. */
  keep(): Promise<string>
  /** Takes the copy away: what was judged since says the same. */
  drop(): Promise<void>
}

/** Null where nothing was judged yet. Throws EnvironmentError ERR_NOT_KEPT where it cannot be copied: then nothing may take its place. */
export const copyEarlier = async (folder: string): Promise<Earlier | null> => {
  if (!(await isThere(join(folder, SUMMARY)))) return null
  const summary = await readFile(join(folder, SUMMARY), 'utf8').catch((error: Error) => {
    throw notKept(folder, error)
  })
  const sha256 = digestOf(summary)
  const aside = join(folder, EARLIER, `.${sha256.slice(0, DIGITS)}-${randomUUID()}`)
  const said = new Map<string, string>()
  try {
    for (const file of await judgedIn(folder)) {
      await mkdir(dirname(join(aside, file)), { recursive: true })
      await copyFile(join(folder, file), join(aside, file))
      if (file.endsWith('.json')) said.set(file, await readFile(join(folder, file), 'utf8'))
    }
  } catch (error) {
    // Where it could not even be begun there is nothing to take away.
    await rm(aside, { recursive: true, force: true }).catch(() => {})
    throw notKept(folder, error as Error)
  }
  return {
    sha256,
    said,
    keep: async () => {
      const kept = join(EARLIER, sha256.slice(0, DIGITS))
      // Who is judged back and forth comes to the same more than once.
      if (await isThere(join(folder, kept))) await rm(aside, { recursive: true })
      else await rename(aside, join(folder, kept))
      return kept
    },
    drop: async () => {
      await rm(aside, { recursive: true })
      const isEmpty = (await readdir(join(folder, EARLIER))).length === 0
      if (isEmpty) await rm(join(folder, EARLIER), { recursive: true })
    },
  }
}

const notKept = (folder: string, cause: Error): EnvironmentError =>
  new EnvironmentError(
    `What this run was judged to before could not be kept (${cause.message.split(', ')[0]}), so it was not judged again: see to the disk and the rights of ${folder}, or copy it to where there is room.`,
    { code: 'ERR_NOT_KEPT', cause },
  )

/** The files that a judging writes, as far as they are there. */
const judgedIn = async (folder: string): Promise<readonly string[]> => {
  const entries = await readdir(folder, { withFileTypes: true })
  const scenarios = entries.filter((entry) => entry.isDirectory() && entry.name !== EARLIER)
  const files = [...OF_A_RUN, ...scenarios.flatMap(({ name }) => OF_A_SCENARIO.map((file) => join(name, file)))]
  const found = await Promise.all(files.map((file) => isThere(join(folder, file))))
  return files.filter((_, i) => found[i])
}

/**
 * The summary of a run that was judged again, which says by whom, and whether it says otherwise than the earlier judging. Where it does not,
 * that one stands as it was, with whoever judged it: what was signed is what there is.
 */
export const toldAgain = (
  { said, sha256 }: Pick<Earlier, 'said' | 'sha256'>,
  { summary, scenarios }: Redacted,
  judge: Harness,
): { readonly judgedBy: JudgedBy | undefined; readonly isOther: boolean } => {
  const before = judgedByIn(said.get(SUMMARY))
  const now = new Map([
    [SUMMARY, summaryJson(judgedBy(summary, before))],
    ...scenarios.map(({ folder, verdict }) => [join(folder, 'verdict.json'), verdictJson(verdict)] as const),
  ])
  // One that cannot be judged any more is told in the summary.
  const isOther = [...now].some(([file, text]) => said.get(file) !== text)
  return { judgedBy: isOther ? { ...judge, supersedes: sha256 } : before, isOther }
}

const judgedByIn = (summary: string | undefined): JudgedBy | undefined => {
  try {
    return (JSON.parse(summary ?? '') as Summary).provenance.judgedBy
  } catch {
    // Torn, or of something else: what is judged now differs from it in any case.
    return undefined
  }
}

/** The same, and by whom it was judged. */
export const judgedBy = (summary: Summary, by: JudgedBy | undefined): Summary =>
  by === undefined ? summary : { ...summary, provenance: { ...summary.provenance, judgedBy: by } }
