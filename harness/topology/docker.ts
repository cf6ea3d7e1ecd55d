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
  const { statusCode, message = '' } = (error ?? {}) as { statusCode?: number; message?: string }
  if (statusCode === 404 || statusCode === 409) return true
  // A program that was created in a container and started when that was on its way out: 500, and the reason in words.
  return statusCode === 500 && /is not running: (?:Removal In Progress|Dead)/.test(message)
}

/** Whether the engine said that there was nothing to do: a stopped container stopped, a running one started. */
export const isAlready = (error: unknown): boolean => (error as { statusCode?: number } | null)?.statusCode === 304

/**
 * Resolves once the container has ended, or is removed. Rejects when the limit aborts first: of an answer that breaks off after its headers,
 * as of an engine that restarts, dockerode says nothing, not even then.
 */
export const untilEnded = async (container: string, limit: AbortSignal, condition?: 'removed'): Promise<void> => {
  limit.throwIfAborted()
  const { promise: over, reject } = Promise.withResolvers<never>()
  limit.addEventListener('abort', () => reject(limit.reason), { once: true })
  const waited = docker()
    .getContainer(container)
    .wait({ abortSignal: limit, ...(condition && { condition }) })
  await Promise.race([waited, over])
}
