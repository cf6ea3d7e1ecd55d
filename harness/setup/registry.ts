// Whether the engine reaches a public registry: asked once, with a short limit. Only the engine's own answer counts.
import type Docker from 'dockerode'
import { followed } from './docker.ts'

/** What set-up gives a registry: offline the engine itself would wait for half a minute. */
const probeLimitMs = 3000

/**
 * Asks the registry, through the engine, for the image's digest: no layer is moved for it. False where it has none, and where nobody
 * answers within the limit. By its path: dockerode's own `distribution` passes no signal on.
 */
export const registryOffers = (docker: Docker, image: string, limitMs = probeLimitMs): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = {
      path: `/distribution/${image}/json`,
      method: 'GET',
      statusCodes: { 200: true },
      abortSignal: AbortSignal.timeout(limitMs),
    } as const
    docker.modem.dial(asked, (error: Error | null) => resolve(error === null))
  })

/** Pulls an image and answers with its id. */
export const pull = async (docker: Docker, image: string): Promise<string> => {
  await followed(docker, await docker.pull(image))
  return (await docker.getImage(image).inspect()).Id
}
