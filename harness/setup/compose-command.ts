// How Compose is called here: `docker compose` where the plug-in answers, else `docker-compose`.
import { EnvironmentError } from '../time/errors.ts'
import { onPath, run } from './command.ts'
import { aptInstall, type Consent, mayUseApt } from './debian.ts'
import type { Say } from './step.ts'

const answerLimitMs = 5000

let found: readonly string[] | undefined

/**
 * The words Compose is called with: ['docker', 'compose'] or ['docker-compose']. Throws EnvironmentError ERR_COMPOSE_ABSENT, or
 * ERR_COMPOSE_SILENT where nobody can tell.
 */
export const composeCommand = async (): Promise<readonly string[]> => {
  const { command, isSilent } = await answerOfCompose()
  if (command) return command
  throw noCompose(isSilent)
}

/** What is found is kept: it does not change while a command runs. */
const answerOfCompose = async (): Promise<ComposeAnswer> => {
  const answer = found ? { command: found, isSilent: false } : await askCompose(answerLimitMs)
  found = answer.command
  return answer
}

const noCompose = (isSilent: boolean): EnvironmentError =>
  isSilent
    ? new EnvironmentError(
        `\`docker compose version\` gave no answer within ${answerLimitMs / 1000} s, and there is no docker-compose: try again when the machine is less busy, or install docker-compose ≥ 1.29.`,
        { code: 'ERR_COMPOSE_SILENT' },
      )
    : new EnvironmentError(
        'Docker Compose is not installed: install the plug-in (docker compose) or docker-compose ≥ 1.29.',
        { code: 'ERR_COMPOSE_ABSENT' },
      )

/** The same, installed where it is missing and may be; not beside a plug-in that is only slow to answer. */
export const composeReady = async (
  consent: Consent,
  tell: Say,
): Promise<{ readonly value: readonly string[]; readonly text: string }> => {
  const { command, isSilent } = await answerOfCompose()
  if (command) return { value: command, text: `${command.join(' ')} is there` }
  if (isSilent || !(await mayUseApt(consent))) throw noCompose(isSilent)
  await aptInstall(['docker-compose'], { consent, tell })
  const value = await composeCommand()
  return { value, text: `${value.join(' ')} installed` }
}

/** What became of looking for Compose. */
export interface ComposeAnswer {
  /** The words it is called with; absent where it is not there, or where the plug-in would not say. */
  readonly command?: readonly string[]
  /** Where it was asked. */
  readonly version?: string
  /** The plug-in gave no answer in time: it may be there or not. */
  readonly isSilent: boolean
}

/** The plug-in is asked, because the Docker CLI is there without it; docker-compose is only looked up, since 1.29 takes half a second to say its version. */
export const askCompose = async (limitMs: number): Promise<ComposeAnswer> => {
  const askedAt = performance.now()
  const plugin = onPath('docker') ? await run(['docker', 'compose', 'version', '--short'], { limitMs }) : undefined
  if (plugin?.ok) return { command: ['docker', 'compose'], version: plugin.stdout, isSilent: false }
  const isSilent = plugin !== undefined && performance.now() - askedAt >= limitMs
  return onPath('docker-compose') ? { command: ['docker-compose'], isSilent } : { isSilent }
}
