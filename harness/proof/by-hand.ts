// A deployment as somebody with Compose and Docker brings it up by hand, without the harness: for proofs of the files themselves.
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { ROOT } from '../options.ts'
import { run } from '../setup/command.ts'
import { composeCommand } from '../setup/compose-command.ts'
import { withEngineUnstuck } from '../topology/engine-restart.ts'
import { tellOwner } from '../topology/owner.ts'
import { remove } from '../topology/residue.ts'

const LOOK_EVERY_MS = 50
const UP_LIMIT_MS = 120_000

/** Runs the docker command; rejects with what it said when it fails. */
export const docker = async (...argv: readonly string[]): Promise<string> => {
  const done = await run(['docker', ...argv], { limitMs: 60_000 })
  if (!done.ok) throw new Error(`docker ${argv.slice(0, 3).join(' ')} failed: ${done.output}`)
  return done.stdout
}

/** Looks until it is so; answers with how long that took, in ms. Rejects after `limitMs`. */
export const untilSo = async (what: string, isSo: () => Promise<boolean>, limitMs: number): Promise<number> => {
  const from = performance.now()
  while (!(await isSo().catch(() => false))) {
    if (performance.now() - from > limitMs) throw new Error(`Not within ${limitMs} ms: ${what}.`)
    await pause(LOOK_EVERY_MS)
  }
  return performance.now() - from
}

/** One project of one Compose file. */
export interface ByHand {
  readonly project: string
  /** Starts the named services, or all. */
  up(services?: readonly string[], env?: Readonly<Record<string, string>>): Promise<void>
  /** The name Compose gave the container of a service. */
  containerOf(service: string): string
  /** Removes everything that carries the project's label. */
  down(): Promise<void>
}

/** The deployment of compose/<stack>.yaml under a project of its own. Nothing is started yet. */
export const byHand = (stack: string, project: string): ByHand => ({
  project,
  async up(services = [], env = {}) {
    const file = join(ROOT, 'compose', `${stack}.yaml`)
    await tellOwner(project)
    const done = await run(
      [...(await composeCommand()), '-p', project, '-f', file, 'up', '-d', '--no-build', ...services],
      // Compose v2 joins names with a dash, 1.29 with an underscore; compatibility is the underscore.
      { limitMs: UP_LIMIT_MS, env: { FIREDRILL_RUN: project, COMPOSE_COMPATIBILITY: 'true', ...env } },
    )
    if (!done.ok) throw new Error(done.output)
  },
  containerOf: (service) => `${project}_${service}_1`,
  down: () => withEngineUnstuck(project, () => remove(project)),
})
