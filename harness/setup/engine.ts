// Finds the Docker engine and says what is so: which one answers, or why none does.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { EnvironmentError } from '../time/errors.ts'
import { lastLines, onPath, run } from './command.ts'
import { engineApi, engineVersion } from './docker.ts'

/** An engine that answered. */
export interface Engine {
  readonly version: string
  readonly apiVersion: string
}

/**
 * Why no engine answered. `denied`: it is there, this user may not ask it. `refused`: its socket is there, nobody listens.
 * `absent`: no socket. `silent`: no answer in time. `unreachable`: an engine elsewhere, named by the user.
 */
export type EngineTrouble = 'denied' | 'refused' | 'absent' | 'silent' | 'unreachable'

/** Which engine is meant, and who said so. */
export interface Endpoint {
  readonly host: string
  readonly namedBy: 'DOCKER_HOST' | 'context' | 'default'
}

export type EngineAnswer =
  | { readonly outcome: 'answers'; readonly engine: Engine; readonly endpoint: Endpoint }
  | {
      readonly outcome: 'no answer'
      readonly trouble: EngineTrouble
      readonly endpoint: Endpoint
      readonly cause: unknown
    }

const answerLimitMs = 3000
const defaultSocket = '/var/run/docker.sock'

/**
 * Asks the engine that is meant. An engine chosen by a Docker context is put into DOCKER_HOST, because neither the API
 * clients nor docker-compose 1.29 know contexts. Throws EnvironmentError ERR_DOCKER_CONTEXT where that leads to no engine.
 */
export const askEngine = async (): Promise<EngineAnswer> => {
  const endpoint = await endpointMeant()
  if (endpoint.host !== `unix://${defaultSocket}`) process.env.DOCKER_HOST = endpoint.host
  try {
    return { outcome: 'answers', engine: await engineVersion(engineApi(), answerLimitMs), endpoint }
  } catch (cause) {
    return { outcome: 'no answer', trouble: troubleOf(cause, endpoint), endpoint, cause }
  }
}

/** Reads the kind of trouble off the error a connection ended with. */
export const troubleOf = (error: unknown, endpoint: Endpoint): EngineTrouble => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EACCES' || code === 'EPERM') return 'denied'
  if (!isThisMachines(endpoint)) return 'unreachable'
  if (code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === 'ENOTSOCK') return 'refused'
  if (code === 'ENOENT') return 'absent'
  return 'silent'
}

/** Only the engine at the default socket is ours to start or install; any other, somebody chose. */
export const isThisMachines = ({ host }: Endpoint): boolean =>
  host === `unix://${defaultSocket}` || host === 'unix:///run/docker.sock'

/** 'tcp://elsewhere:2375, named by DOCKER_HOST': without the password that may stand in it. */
export const sayEndpoint = ({ host, namedBy }: Endpoint): string => `${withoutCredentials(host)}, ${NAMED_BY[namedBy]}`

const NAMED_BY: Readonly<Record<Endpoint['namedBy'], string>> = {
  DOCKER_HOST: 'named by DOCKER_HOST',
  context: 'named by the Docker context',
  default: "this user's own",
}

/** An engine's address as it may be shown. */
export const withoutCredentials = (host: string): string => host.replace(/\/\/[^/@]*@/, '//')

/** Throws EnvironmentError ERR_DOCKER_CONTEXT where the chosen context leads to no engine. */
export const endpointMeant = async (): Promise<Endpoint> => {
  const named = process.env.DOCKER_HOST
  if (named) return { host: named, namedBy: 'DOCKER_HOST' }
  const ofContext = await contextHost()
  if (ofContext) return { host: ofContext, namedBy: 'context' }
  return { host: `unix://${defaultSockets().find(existsSync) ?? defaultSocket}`, namedBy: 'default' }
}

/**
 * The chosen context's engine; the Docker CLI is asked only when one is chosen, so usually this costs one file read. Throws
 * EnvironmentError ERR_DOCKER_CONTEXT where it leads to none: faults would land on this machine instead, which nobody chose.
 */
const contextHost = async (): Promise<string | undefined> => {
  const named = process.env.DOCKER_CONTEXT
  const chosen = named || (await configuredContext())
  if (!chosen || chosen === 'default') return undefined
  const { host, because } = await hostOf(chosen)
  if (host !== undefined) return host
  const [by, otherwise] = named
    ? ['DOCKER_CONTEXT', 'unset DOCKER_CONTEXT']
    : ["the Docker CLI's configuration", 'choose this machine with `docker context use default`']
  throw new EnvironmentError(
    `The Docker context '${chosen}', chosen by ${by}, leads to no engine: ${because}. Correct it, set DOCKER_HOST, or ${otherwise}.`,
    { code: 'ERR_DOCKER_CONTEXT' },
  )
}

/** What the Docker CLI says of a context: its engine, or why there is none. */
const hostOf = async (context: string): Promise<{ readonly host?: string; readonly because?: string }> => {
  if (!onPath('docker')) return { because: 'there is no docker command to look it up with' }
  const argv = ['docker', 'context', 'inspect', '--format', '{{.Endpoints.docker.Host}}', context]
  const askedAt = performance.now()
  const { ok, stdout, output } = await run(argv, { limitMs: answerLimitMs })
  if (ok && stdout !== '') return { host: stdout }
  if (ok) return { because: 'it names none' }
  const isSilent = performance.now() - askedAt >= answerLimitMs
  return {
    because: isSilent
      ? `\`docker context inspect\` gave no answer within ${answerLimitMs / 1000} s`
      : `\`docker context inspect\` said: ${lastLines(output, 1)}`,
  }
}

const configuredContext = async (): Promise<string | undefined> => {
  const file = join(process.env.DOCKER_CONFIG ?? join(homedir(), '.docker'), 'config.json')
  try {
    const config: unknown = JSON.parse(await readFile(file, 'utf8'))
    const current =
      typeof config === 'object' && config !== null && 'currentContext' in config ? config.currentContext : undefined
    return typeof current === 'string' ? current : undefined
  } catch {
    return undefined // No configuration, or none that the Docker CLI could read either.
  }
}

/** System-wide, rootless, Docker Desktop. */
const defaultSockets = (): readonly string[] => [
  defaultSocket,
  ...(process.env.XDG_RUNTIME_DIR ? [join(process.env.XDG_RUNTIME_DIR, 'docker.sock')] : []),
  join(homedir(), '.docker/run/docker.sock'),
]
