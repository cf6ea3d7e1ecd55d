// The Docker engine, one client for the process, and how to read its refusals.
import { engineApi } from '../setup/docker.ts'

let engine: ReturnType<typeof engineApi> | undefined

/** The engine that set-up found: DOCKER_HOST, or this machine's own. */
export const docker = (): ReturnType<typeof engineApi> => {
  engine ??= engineApi()
  return engine
}

/** Whether the engine said that the thing is not there (any more): 404, or 409 for a removal under way. */
export const isGone = (error: unknown): boolean => {
  const status = (error as { statusCode?: number } | null)?.statusCode
  return status === 404 || status === 409
}

/** Whether the engine said that there was nothing to do: a stopped container stopped, a running one started. */
export const isAlready = (error: unknown): boolean => (error as { statusCode?: number } | null)?.statusCode === 304
