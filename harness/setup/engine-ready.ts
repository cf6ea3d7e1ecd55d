// Makes sure that a Docker engine answers: takes the one that does, starts the one that is installed, or installs one.
import { EnvironmentError } from '../time/errors.ts'
import { onPath } from './command.ts'
import { agreed, aptCommand, aptInstall, type Consent, distribution, mayUseApt } from './debian.ts'
import {
  askEngine,
  type Endpoint,
  type Engine,
  type EngineAnswer,
  type EngineTrouble,
  sayEndpoint,
  withoutCredentials,
} from './engine.ts'
import { startCommand, startEngine } from './engine-start.ts'
import type { Say } from './step.ts'

const packages = ['docker.io', 'docker-compose', 'iptables', 'ca-certificates', 'debootstrap'] as const

/** The engine, and in words what was done to have it. Throws EnvironmentError when there is none and none may be made. */
export const engineReady = async (
  consent: Consent,
  tell: Say,
): Promise<{ readonly value: Engine; readonly text: string }> => {
  const answer = await askEngine()
  if (answer.outcome === 'answers') return { value: answer.engine, text: `Docker ${answer.engine.version} answers` }
  if (!canBeMade(answer.trouble) || !(await mayUseApt(consent))) throw await noEngine(answer)
  if (onPath('dockerd')) {
    const command = (await startCommand()).join(' ')
    await agreed([command], consent)
    tell(command)
    const engine = await startEngine()
    return { value: engine, text: `Docker ${engine.version} started` }
  }
  await aptInstall(packages, { consent, tell })
  // The package may have started it by itself, as it does under systemd.
  const after = await askEngine()
  const engine = after.outcome === 'answers' ? after.engine : await startEngine()
  return { value: engine, text: `Docker ${engine.version} installed and started` }
}

/** For those who need one that is there, and start none. Throws EnvironmentError when none answers. */
export const engineAnswers = async (): Promise<void> => {
  const answer = await askEngine()
  if (answer.outcome !== 'answers') throw await noEngine(answer)
}

/** An engine somebody chose, or one that only denies us, is never replaced by one of ours. */
export const canBeMade = (trouble: EngineTrouble): boolean => trouble === 'absent' || trouble === 'refused'

/** The error that says why no engine answers, and what to do. */
export const noEngine = async ({
  trouble,
  endpoint,
  cause,
}: EngineAnswer & { outcome: 'no answer' }): Promise<EnvironmentError> => {
  const { code, text } = explained(trouble, endpoint)
  return new EnvironmentError(text ?? (await howToGetOne()), { code, cause })
}

/** What is wrong and what to do, in one sentence each; without a text where that depends on the machine. */
export const explained = (
  trouble: EngineTrouble,
  endpoint: Endpoint,
): { readonly code: string; readonly text?: string } => {
  const where = withoutCredentials(endpoint.host)
  switch (trouble) {
    case 'denied':
      return {
        code: 'ERR_ENGINE_DENIED',
        text: `The Docker engine at ${where} denies this user: add the user to the group docker and sign in again, or run as root.`,
      }
    case 'unreachable':
      return {
        code: 'ERR_ENGINE_UNREACHABLE',
        text: `The Docker engine at ${sayEndpoint(endpoint)}, does not answer: start it, or name another one.`,
      }
    case 'silent':
      return {
        code: 'ERR_ENGINE_SILENT',
        text: `The Docker engine at ${where} takes connections and gives no answer within 3 s: restart it.`,
      }
    case 'refused':
    case 'absent':
      return { code: 'ERR_ENGINE_ABSENT' }
  }
}

const howToGetOne = async (): Promise<string> => {
  const none = 'No Docker engine answers on this machine'
  const { id } = await distribution()
  if (id === 'darwin' || id === 'win32') return `${none}: install Docker Desktop and start it, or set DOCKER_HOST.`
  if (onPath('dockerd'))
    return `${none}: start it as root with \`${(await startCommand()).join(' ')}\`, or set DOCKER_HOST.`
  if (id !== 'debian' && id !== 'ubuntu')
    return `${none}: install Docker with your package manager and start it, or set DOCKER_HOST.`
  return `${none}: run \`${aptCommand(packages)}\` as root${process.env.FIREDRILL_NO_INSTALL === '1' ? ' (FIREDRILL_NO_INSTALL forbids doing it here)' : ''}, or set DOCKER_HOST.`
}
