// What the engine says of itself, to whoever does not wait for it without end.
import { docker } from './docker.ts'

/** In the engine's own names. */
export interface EngineSays {
  /** Some engines tell none. */
  readonly ID?: string
  /** By its own clock, ISO 8601. */
  readonly SystemTime: string
}

/** Rejects when the signal is aborted first. dockerode takes options here as everywhere; only its types do not say so. */
export const engineSays = (abortSignal: AbortSignal): Promise<EngineSays> => {
  const ask: (options: { readonly abortSignal: AbortSignal }) => Promise<EngineSays> = docker().info.bind(docker())
  return ask({ abortSignal })
}
