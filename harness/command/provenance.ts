// What made a run: enough to repeat it, nothing secret.
import { readFile } from 'node:fs/promises'
import { cpus, release, totalmem, type } from 'node:os'
import { join } from 'node:path'
import { type Options, ROOT } from '../options.ts'
import type { Provenance } from '../report/summary.ts'
import { run } from '../setup/command.ts'
import { specsFor, tagOf } from '../setup/image-list.ts'
import { filesOf, sha256Of } from '../topology/compose.ts'
import { docker } from '../topology/docker.ts'

const commit = async (): Promise<string | null> => {
  const git = (...words: readonly string[]) => run(['git', ...words], { limitMs: 5000, cwd: ROOT })
  const [head, changed] = [await git('rev-parse', 'HEAD'), await git('status', '--porcelain')]
  if (!head.ok) return null
  if (!changed.ok) return `${head.stdout}, perhaps with uncommitted changes: git could not tell`
  return `${head.stdout}${changed.stdout ? ' with uncommitted changes' : ''}`
}

const imagesHeld = async (profiles: string | undefined): Promise<Record<string, string>> => {
  const images = await docker().listImages()
  // What only a profile needs may be on the engine too, from another day: it made nothing of this run.
  const used = new Set(specsFor({ COMPOSE_PROFILES: profiles }).map(({ name }) => tagOf(name)))
  const ours = images.flatMap((image) =>
    (image.RepoTags ?? [])
      .filter((tag) => used.has(tag) || tag.startsWith('firedrill/base-'))
      .map((tag) => [tag, image.Id] as const),
  )
  return Object.fromEntries(ours.sort(([a], [b]) => a.localeCompare(b)))
}

/** What is known without an engine. */
export const bareProvenance = async (): Promise<Omit<Provenance, 'timings' | 'lbCheck'>> => {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string }
  return {
    harness: { version, commit: await commit(), node: process.version },
    images: {},
    composeSha256: 'unknown',
    machine: {
      os: type(),
      kernel: release(),
      cpus: cpus().length,
      memoryMb: Math.round(totalmem() / 2 ** 20),
      engine: 'unknown',
    },
  }
}

/** Reads it all off the checkout, the engine and the machine, of every deployment in turn. What the balancers check is the drill's to add. */
export const provenanceOf = async (
  deployments: readonly Pick<Options, 'stack' | 'defect'>[],
  profiles: string | undefined,
): Promise<Omit<Provenance, 'timings' | 'lbCheck'>> => {
  const bare = await bareProvenance()
  const engine = await docker().version()
  return {
    ...bare,
    images: await imagesHeld(profiles),
    composeSha256: await sha256Of((await Promise.all(deployments.map((each) => filesOf(each)))).flat()),
    machine: { ...bare.machine, engine: `${engine.Version} (API ${engine.ApiVersion})` },
  }
}
