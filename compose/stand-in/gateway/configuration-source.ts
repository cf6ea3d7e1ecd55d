// Where this gateway's configuration comes from, as one thing to start, to reload and to end: DP Managers or etcd, a file, or the fallback's store.
import { checkEndpoints, checkHeartbeat } from './boot-check.ts'
import type { Configuration } from './configuration.ts'
import { delayConfigLoad, onLossOf, readingAnew, resyncing, watchingFrom } from './defects.ts'
import type { DpManager } from './dp-manager.ts'
import { endpointRing } from './endpoint-ring.ts'
import { openObjectStore } from './fallback/open-object-store.ts'
import { fallbackDocument } from './fallback/restore.ts'
import { followConfiguration } from './follow.ts'
import { type Log, reasonOf } from './log.ts'
import type { Settings } from './settings.ts'
import { configurationFile } from './standalone/configuration-file.ts'
import { type DocumentSource, followDocument } from './standalone/follow-document.ts'

export interface ConfigurationSource {
  /** Resolves when the gateway may listen, which is when it has a configuration unless the vendor's listens before. Throws what forbids to start. */
  start(): Promise<void>
  /** `apisix reload`, on SIGHUP: reads everything again. */
  reload(): Promise<void>
}

export interface Sourcing {
  readonly settings: Settings
  readonly configuration: Configuration
  readonly dpManager: DpManager
  /** One heartbeat, for the check at the start. */
  readonly beat: () => Promise<void>
  readonly log: Log
  readonly signal: AbortSignal
}

/** Picks the source the settings name. */
export function configurationSource(sourcing: Sourcing): ConfigurationSource {
  const { provider, fallback } = sourcing.settings
  if (provider === 'etcd') return fromEndpoints(sourcing)
  return provider === 'json' && fallback?.mode === 'read' ? fromFallback(sourcing) : fromFile(sourcing)
}

/** The vendor's order: more than half of the endpoints answer, the first one takes a heartbeat, then everything is read. */
function fromEndpoints(sourcing: Sourcing): ConfigurationSource {
  const { settings, configuration, dpManager, log } = sourcing
  const { timings, endpoints, defects } = settings
  const ring = endpointRing(endpoints, { maxFails: timings.healthMaxFails, failWindowMs: timings.healthFailWindowMs })
  const onLoss = onLossOf(defects, { configuration, log, giveUp: () => following.end() })
  const returning = readingAnew(defects, { dpManager: watchingFrom(defects, dpManager), configuration, log })
  const lost = (): void => {
    onLoss()
    returning.onLoss()
  }
  const kept = resyncing(defects, configuration)
  const following = repeatable(sourcing.signal, (signal, { onLoaded }) =>
    followConfiguration(
      { dpManager: returning.dpManager, ring, configuration: kept, timings, log, onLoss: lost, onLoaded },
      signal,
    ),
  )
  return {
    async start() {
      if (defects.startsUnasked) return startUnasked(following, log)
      await checkEndpoints(dpManager, endpoints, { timings, log })
      if (timings.heartbeatIntervalMs > 0) await checkHeartbeat(sourcing.beat, log)
      await delayConfigLoad(defects, sourcing.signal)
      await within(timings.bootLimitMs, following.begin().loaded)
    },
    /** One attempt at one endpoint. When it fails the node is empty until a DP Manager answers: a weakness of the vendor's that we keep. */
    async reload() {
      following.end()
      try {
        configuration.replace(await dpManager.range(ring.next() ?? endpoints[0] ?? ''))
      } catch (error) {
        log.error({ reason: reasonOf(error) }, 'failed to load the configuration on reload, starting empty')
        configuration.forget()
      }
      following.begin()
    },
  }
}

/** Planted defect `BOOT_CHECK=none`: nobody is asked before it listens, and calls get 404 until a DP Manager answers. */
function startUnasked(following: Repeatable, log: Log): void {
  log.error('planted defect: it starts whether a DP Manager answers or not')
  following.begin()
}

/** Standalone mode listens after one look, as APISIX does: a missing or broken file is a node that answers 404 and is not ready. */
function fromFile(sourcing: Sourcing): ConfigurationSource {
  const { configFile, provider } = sourcing.settings
  const following = followingDocument(sourcing, async () =>
    configurationFile(configFile, provider === 'json' ? 'json' : 'yaml'),
  )
  return { start: () => following.begin().looked, reload: async () => void following.begin() }
}

/** Waits for the store as long as it takes: a node that listened before would answer 404, and one that exited would loop. */
function fromFallback(sourcing: Sourcing): ConfigurationSource {
  const { fallback, gatewayGroup } = sourcing.settings
  if (fallback === undefined) throw new Error('Fallback CP is to be read, but no store is named')
  if (gatewayGroup === undefined) {
    throw new Error('API7_GATEWAY_GROUP_SHORT_ID is not set, and Fallback CP needs it: it is the key of the objects')
  }
  const following = followingDocument(sourcing, async () => {
    const store = await openObjectStore(fallback.store)
    return fallbackDocument({ store, gatewayGroup, everyMs: fallback.intervalMs })
  })
  return { start: () => following.begin().loaded, reload: async () => void following.begin() }
}

function followingDocument(sourcing: Sourcing, open: () => Promise<DocumentSource>): Repeatable {
  const { settings, configuration, log } = sourcing
  return repeatable(sourcing.signal, async (signal, heard) =>
    followDocument({ source: await open(), configuration, prefix: settings.prefix, log, ...heard }, signal),
  )
}

interface Heard {
  readonly onLooked: () => void
  readonly onLoaded: () => void
}

interface Repeatable {
  /** Ends what runs and begins anew. `looked` resolves after the first look, whatever it found; `loaded` with a configuration. */
  begin(): { readonly looked: Promise<void>; readonly loaded: Promise<void> }
  end(): void
}

/** Something that follows until its signal is aborted, and can be begun again. */
function repeatable(life: AbortSignal, run: (signal: AbortSignal, heard: Heard) => Promise<void>): Repeatable {
  let current = new AbortController()
  return {
    begin() {
      current.abort()
      current = new AbortController()
      const [looked, loaded] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      // What cannot even begin, like a store whose settings make no sense, forbids to start; nobody hears it on a reload.
      for (const { promise } of [looked, loaded]) promise.catch(() => undefined)
      run(AbortSignal.any([life, current.signal]), { onLooked: looked.resolve, onLoaded: loaded.resolve }).catch(
        (error: unknown) => {
          looked.reject(error)
          loaded.reject(error)
        },
      )
      return { looked: looked.promise, loaded: loaded.promise }
    },
    end: () => current.abort(),
  }
}

async function within(limitMs: number, loaded: Promise<void>): Promise<void> {
  const limit = Promise.withResolvers<void>()
  const late = new Error(`no DP Manager gave the configuration within ${limitMs} ms`)
  const timer = setTimeout(() => limit.reject(late), limitMs)
  await Promise.race([loaded, limit.promise]).finally(() => clearTimeout(timer))
}
