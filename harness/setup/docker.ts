// Set-up's door to the Docker engine's API.
import { stripVTControlCharacters } from 'node:util'
import Docker from 'dockerode'

/** The engine that DOCKER_HOST names, or this machine's default one. */
export const engineApi = (): Docker => new Docker()

/** The engine's version and that of its API. Rejects with the connection's own error, or an AbortError at the limit. */
export const engineVersion = async (
  docker: Docker,
  limitMs: number,
): Promise<{ version: string; apiVersion: string }> => {
  // dockerode takes options here as everywhere; only its types do not say so.
  const ask: (options: { abortSignal: AbortSignal }) => Promise<Docker.DockerVersion> = docker.version.bind(docker)
  const { Version, ApiVersion } = await ask({ abortSignal: AbortSignal.timeout(limitMs) })
  return { version: Version, apiVersion: ApiVersion }
}

/** What the engine says of itself and its machine. */
export interface EngineInfo {
  readonly cgroup: string
  readonly storage: string
  readonly system: string
  readonly liveRestore: boolean
  readonly cpus: number
  /** In bytes. */
  readonly memory: number
  /** Where it keeps images and containers, on its own machine. */
  readonly folder: string
}

export const engineInfo = async (docker: Docker): Promise<EngineInfo> => {
  const info = await docker.info()
  return {
    cgroup: info.CgroupVersion ?? 'unknown',
    storage: info.Driver,
    system: info.OperatingSystem,
    liveRestore: info.LiveRestoreEnabled,
    cpus: info.NCPU,
    memory: info.MemTotal,
    folder: info.DockerRootDir,
  }
}

/** An image the engine holds. */
export interface HeldImage {
  readonly id: string
  readonly tags: readonly string[]
  readonly labels: Readonly<Record<string, string>>
}

/** Every image the engine holds, in one question. */
export const heldImages = async (docker: Docker): Promise<readonly HeldImage[]> =>
  (await docker.listImages()).map((image) => ({
    id: image.Id,
    tags: image.RepoTags ?? [],
    labels: image.Labels ?? {},
  }))

/** The image with this tag. */
export const heldAs = (images: readonly HeldImage[], tag: string): HeldImage | undefined =>
  images.find((image) => image.tags.includes(tag))

/** One message of the engine while it builds, pulls or imports. */
interface Progress {
  readonly stream?: string
  readonly status?: string
  readonly error?: string
}

/**
 * Follows a build, pull or import to its end. The engine reports a failure as one more message, on a stream that ends well; it is
 * thrown here, after the last 20 lines.
 */
export const followed = async (docker: Docker, stream: NodeJS.ReadableStream): Promise<void> => {
  const lines: string[] = []
  let reported: string | undefined
  const hear = ({ stream: text, status, error }: Progress) => {
    const said = (text ?? status ?? '').trim()
    if (said !== '') lines.push(...said.split('\n'))
    reported ??= error
  }
  const broken = await new Promise<Error | null>((resolve) => {
    docker.modem.followProgress(stream, (error: Error | null) => resolve(error), hear)
  })
  const failure = broken?.message ?? reported
  if (failure === undefined) return
  const said = stripVTControlCharacters([...lines.slice(-20), failure].join('\n'))
  throw new Error(said, broken ? { cause: broken } : {})
}
