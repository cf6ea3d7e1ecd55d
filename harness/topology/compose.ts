// Runs Compose, v2 or 1.29: the files are the truth, we only say which, and with which variables.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { publishedPorts } from '../setup/addresses.ts'
import { lastLines, run } from '../setup/command.ts'
import { demandPort } from '../setup/port.ts'
import { EnvironmentError, ScenarioError } from '../time/errors.ts'

const UP_LIMIT_MS = 120_000
const FOLDER = join(import.meta.dirname, '..', '..', 'compose')

/** What to bring up: a stack, perhaps with a planted defect over it. */
export interface Deployment {
  readonly stack: string
  readonly defect?: string
  /** The run's name: Compose project and `firedrill.run` label. */
  readonly run: string
  readonly subnet: string
  /** Variables of the Compose file beyond the environment's own. */
  readonly variables: Readonly<Record<string, string>>
}

const namesIn = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))
    .sort()

const choose = (kind: string, asked: string, existing: readonly string[], folder: string): string => {
  if (existing.includes(asked)) return join(folder, `${asked}.yaml`)
  throw new ScenarioError(`There is no ${kind} '${asked}': expected one of ${existing.join(', ') || '(none yet)'}.`, {
    code: `ERR_${kind.toUpperCase()}`,
  })
}

/** The Compose files of a deployment, base first. Throws ScenarioError when a name is unknown and lists those that are. */
export const filesOf = async (deployment: Pick<Deployment, 'stack' | 'defect'>): Promise<readonly string[]> => {
  const base = choose('stack', deployment.stack, await namesIn(FOLDER), FOLDER)
  if (deployment.defect === undefined) return [base]
  const defects = join(FOLDER, 'defects')
  return [base, choose('defect', deployment.defect, await namesIn(defects), defects)]
}

/** sha256 over the files as they are, in order: the provenance of what ran. */
export const sha256Of = async (files: readonly string[]): Promise<string> => {
  const hash = createHash('sha256')
  for (const file of files) hash.update(await readFile(file))
  return hash.digest('hex')
}

/** The ports on 127.0.0.1 that the files ask for, by the variable that moves each. Throws ScenarioError ERR_OPTION on what is no port. */
export const portsOf = async (
  files: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<Record<string, number>> => {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  const ports = texts.flatMap((text) => publishedPorts(text, environment))
  for (const { variable, port } of ports) demandPort(variable, port, environment)
  return Object.fromEntries(ports.map(({ variable, port }) => [variable, port]))
}

/** Creates and starts everything; resolves when Compose is done. Throws EnvironmentError with Compose's last words. */
export const composeUp = async (command: readonly string[], deployment: Deployment): Promise<void> => {
  const files = (await filesOf(deployment)).flatMap((file) => ['-f', file])
  const env = {
    ...deployment.variables,
    FIREDRILL_RUN: deployment.run,
    FIREDRILL_SUBNET: deployment.subnet,
    COMPOSE_PARALLEL_LIMIT: '16',
  }
  const up = await run([...command, '-p', deployment.run, ...files, 'up', '-d', '--no-build'], {
    limitMs: UP_LIMIT_MS,
    env,
  })
  if (up.ok) return
  throw new EnvironmentError(
    `Compose could not bring up ${deployment.stack} within ${UP_LIMIT_MS / 1000} s:\n${lastLines(up.output, 12)}`,
    {
      code: 'ERR_COMPOSE_UP',
    },
  )
}
