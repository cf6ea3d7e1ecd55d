// How Compose is called here: `docker compose` where the plug-in answers, else `docker-compose`.
import { EnvironmentError } from '../time/errors.ts'
import { onPath, run } from './command.ts'
import { aptInstall, type Consent, mayUseApt } from './debian.ts'
import type { Say } from './step.ts'

const answerLimitMs = 5000

let found: readonly string[] | undefined

/** The words Compose is called with: ['docker', 'compose'] or ['docker-compose']. Throws EnvironmentError ERR_COMPOSE_ABSENT. */
export const composeCommand = async (): Promise<readonly string[]> => {
  found ??= await findCompose()
  if (found) return found
  throw new EnvironmentError(
    'Docker Compose is not installed: install the plug-in (docker compose) or docker-compose ≥ 1.29.',
    {
      code: 'ERR_COMPOSE_ABSENT',
    },
  )
}

/** The same, installed where it is missing and may be. */
export const composeReady = async (
  consent: Consent,
  tell: Say,
): Promise<{ readonly value: readonly string[]; readonly text: string }> => {
  found ??= await findCompose()
  if (!found && (await mayUseApt(consent))) {
    await aptInstall(['docker-compose'], { consent, tell })
    found = await findCompose()
    const value = await composeCommand()
    return { value, text: `${value.join(' ')} installed` }
  }
  const value = await composeCommand()
  return { value, text: `${value.join(' ')} is there` }
}

/** The plug-in is asked, because the Docker CLI is there without it; docker-compose is only looked up, since 1.29 takes half a second to say its version. */
export const findCompose = async (): Promise<readonly string[] | undefined> => {
  if (onPath('docker') && (await run(['docker', 'compose', 'version', '--short'], { limitMs: answerLimitMs })).ok) {
    return ['docker', 'compose']
  }
  return onPath('docker-compose') ? ['docker-compose'] : undefined
}
