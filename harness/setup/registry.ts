// Whether the engine reaches a public registry: asked once, with a short limit. Only the engine's own answer counts.
import type Docker from 'dockerode'
import { followed } from './docker.ts'

const probeLimitMs = 3000

/** Asks the registry, through the engine, for the image's digest: no layer is moved for it. */
export const registryOffers = async (docker: Docker, image: string): Promise<boolean> => {
  try {
    await docker.getImage(image).distribution({ abortSignal: AbortSignal.timeout(probeLimitMs) })
    return true
  } catch {
    return false // Whatever the reason, an image that cannot be had is made.
  }
}

/** Pulls an image and answers with its id. */
export const pull = async (docker: Docker, image: string): Promise<string> => {
  await followed(docker, await docker.pull(image))
  return (await docker.getImage(image).inspect()).Id
}
