// Planted defects of the gateway, all off unless the environment asks: they prove that the harness notices.
import type { Configuration } from './configuration.ts'
import type { Log } from './log.ts'
import type { Defects } from './settings.ts'
import { pause } from './wait.ts'

/** `ON_DP_MANAGER_LOSS=drop-config`: what is in memory is forgotten when no DP Manager answers, so every call gets 404. */
export function onLossOf(
  defects: Defects,
  { configuration, log }: { configuration: Configuration; log: Log },
): () => void {
  if (!defects.dropConfigOnLoss) return () => undefined
  return () => {
    if (configuration.revision() !== undefined) log.error('planted defect: the configuration is forgotten')
    configuration.forget()
  }
}

/** `CONFIG_LOAD_DELAY_MS`: the first full read is late. With `LISTEN_BEFORE_CONFIG=1` calls get 404 meanwhile. */
export async function delayConfigLoad({ configLoadDelayMs }: Defects, signal: AbortSignal): Promise<void> {
  if (configLoadDelayMs > 0) await pause(configLoadDelayMs, signal)
}
