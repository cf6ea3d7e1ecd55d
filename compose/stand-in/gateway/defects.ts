// Planted defects of the gateway, all off unless the environment asks: they prove that the harness notices.
import type { Configuration } from './configuration.ts'
import type { DpManager } from './dp-manager.ts'
import type { Item } from './etcd-json.ts'
import type { Log } from './log.ts'
import type { Defects } from './settings.ts'
import { pause } from './wait.ts'

/** How long the planted defect `ON_DP_MANAGER_RETURN` reads: calls get 404 meanwhile. */
const READ_ANEW_MS = 1000

/**
 * `ON_DP_MANAGER_LOSS=drop-config`: what is in memory is forgotten when no DP Manager answers, so every call gets 404.
 * `ON_DP_MANAGER_LOSS=give-up`: it serves on, and never asks a DP Manager again.
 */
export function onLossOf(
  { onLoss }: Defects,
  { configuration, log, giveUp }: { configuration: Configuration; log: Log; giveUp: () => void },
): () => void {
  switch (onLoss) {
    case 'serve':
      return () => undefined
    case 'give-up':
      return () => {
        log.error('planted defect: no DP Manager is asked again')
        giveUp()
      }
    case 'drop-config':
      return () => {
        if (configuration.revision() !== undefined) log.error('planted defect: the configuration is forgotten')
        configuration.forget()
      }
  }
}

/** `WATCH_RESUMES=newest`: a watch that ended goes on from what is newest by then, and what came in between is never heard of. */
export function watchingFrom({ resumesAtNewest }: Defects, dpManager: DpManager): DpManager {
  if (!resumesAtNewest) return dpManager
  let hasWatched = false
  return {
    ...dpManager,
    async *watch(endpoint, asked) {
      // The first goes on from what was read, or a gateway might miss what is written as it starts, and no drill would begin.
      const startRevision = hasWatched ? (await dpManager.range(endpoint)).revision + 1 : asked.startRevision
      for await (const frame of dpManager.watch(endpoint, { ...asked, startRevision })) {
        hasWatched = true
        yield frame
      }
    },
  }
}

/** `ON_DP_MANAGER_RETURN=read-anew`: the first watch after an outage of all DP Managers forgets what is in memory, and reads it anew a second later. */
export function readingAnew(
  { readsAnewOnReturn }: Defects,
  { dpManager, configuration, log }: { dpManager: DpManager; configuration: Configuration; log: Log },
): { readonly dpManager: DpManager; readonly onLoss: () => void } {
  let wasLost = false
  return {
    onLoss: () => {
      wasLost = readsAnewOnReturn
    },
    dpManager: {
      ...dpManager,
      async *watch(endpoint, asked) {
        if (wasLost) {
          // Throws while nobody answers.
          await dpManager.range(endpoint)
          wasLost = false
          log.error('planted defect: the configuration is forgotten, and read anew')
          configuration.forget()
          await pause(READ_ANEW_MS, asked.signal)
          return
        }
        yield* dpManager.watch(endpoint, asked)
      },
    },
  }
}

/** `RESYNC=merge`: a full read takes nothing away from what was ever there, so what was deleted comes back with it. */
export function resyncing({ mergesOnResync }: Defects, configuration: Configuration): Configuration {
  if (!mergesOnResync) return configuration
  const ever = new Map<string, Item>()
  const remember = (items: readonly Item[]): void => items.forEach((item) => void ever.set(item.key, item))
  return {
    ...configuration,
    apply(changes) {
      remember(changes.flatMap((change) => (change.kind === 'put' ? [change.item] : [])))
      configuration.apply(changes)
    },
    replace(snapshot) {
      remember(snapshot.items)
      configuration.replace({ ...snapshot, items: [...ever.values()] })
    },
  }
}

/** `CONFIG_LOAD_DELAY_MS`: the first full read is late. With `LISTEN_BEFORE_CONFIG=1` calls get 404 meanwhile. */
export async function delayConfigLoad({ configLoadDelayMs }: Defects, signal: AbortSignal): Promise<void> {
  if (configLoadDelayMs > 0) await pause(configLoadDelayMs, signal)
}
