// Builds one image through the engine's API: classic builder or BuildKit, whichever the engine has behind it.
import { tmpdir } from 'node:os'
import type { Readable } from 'node:stream'
import type Docker from 'dockerode'
import { EnvironmentError } from '../time/errors.ts'
import { run } from './command.ts'
import { followed } from './docker.ts'
import { inputsLabel } from './image-inputs.ts'

export interface Build {
  readonly tag: string
  /** Holds a `Dockerfile` at its top. */
  readonly context: Readable
  readonly inputs: string
  readonly buildArgs: Readonly<Record<string, string>>
}

/** Builds and tags; answers with the image's id. Throws EnvironmentError ERR_IMAGE_BUILD with the build's last 20 lines. */
export const buildImage = async (docker: Docker, build: Build): Promise<string> => {
  try {
    const stream = await docker.buildImage(build.context, {
      t: build.tag,
      // Builds fetch packages; the host's network is the one that reaches a mirror wherever any does.
      networkmode: 'host',
      buildargs: { ...build.buildArgs, ...proxies(), ...(await registry()) },
      labels: { [inputsLabel]: build.inputs },
      rm: true,
      forcerm: true,
    })
    await followed(docker, stream)
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause)
    throw new EnvironmentError(`The image ${build.tag} did not build. Its last lines:\n${withoutPasswords(said)}`, {
      code: 'ERR_IMAGE_BUILD',
      cause,
    })
  }
  return (await docker.getImage(build.tag).inspect()).Id
}

/** Docker keeps these names out of an image's history by itself. */
const proxies = (): Readonly<Record<string, string>> => {
  const names = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])))
}

let registryArg: Promise<Readonly<Record<string, string>>> | undefined

/** The registry this machine's npm is set to, when somebody set one: builds must use the same. Never printed. */
const registry = (): Promise<Readonly<Record<string, string>>> => {
  registryArg ??= npmRegistries().then(([set, shipped]) => (set === shipped ? {} : { NPM_CONFIG_REGISTRY: set }))
  return registryArg
}

/** As configured, and as npm comes. */
const npmRegistries = async (): Promise<readonly [string, string]> => {
  const argv = ['npm', 'config', 'get', 'registry']
  const unset = { npm_config_registry: '', NPM_CONFIG_REGISTRY: '' }
  const nowhere = ['--userconfig=/dev/null', '--globalconfig=/dev/null']
  const [set, shipped] = await Promise.all([
    run(argv, { limitMs: 10_000 }),
    run([...argv, ...nowhere], { limitMs: 10_000, env: unset, cwd: tmpdir() }),
  ])
  return [set.stdout, shipped.stdout]
}

/** A mirror's or registry's address may carry one. */
const withoutPasswords = (text: string): string => text.replace(/(https?:\/\/)[^\s/"']+@/g, '$1')
