// The backup node's work: it writes the group's configuration into the store, again and again.
import type { Configuration } from '../configuration.ts'
import type { Item } from '../etcd-json.ts'
import type { PushedConfig } from '../heartbeat.ts'
import { type Log, reasonOf } from '../log.ts'
import type { Resources } from '../standalone/resources.ts'
import { pause } from '../wait.ts'
import type { ObjectStore } from './object-store.ts'

export interface Backup {
  readonly store: ObjectStore
  /** The gateway group's short id, which is the key of both objects. */
  readonly gatewayGroup: string | undefined
  readonly configuration: Configuration
  readonly prefix: string
  /** What the control plane pushed with its last answer to a heartbeat. */
  readonly pushedConfig: () => PushedConfig | undefined
  readonly intervalMs: number
  readonly log: Log
}

/** Always there, even when empty; other types are written when there are any. */
const alwaysTypes = ['routes', 'services', 'upstreams', 'consumers', 'ssls', 'global_rules', 'plugin_metadata'] as const
const otherTypes = ['stream_routes', 'protos', 'plugin_configs', 'consumer_groups', 'secrets'] as const

/** Writes at once and then on the interval, until the signal is aborted. A failed write is tried again at the next one. */
export async function keepBackup(backup: Backup, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await writeOnce(backup).catch((error) => {
      if (!signal.aborted) backup.log.error({ store: backup.store.name, reason: reasonOf(error) }, 'backup failed')
    })
    await pause(backup.intervalMs, signal)
  }
}

/** Two writes that nothing ties together, as the vendor's: a node that dies between them leaves a pair of two ages. */
async function writeOnce(backup: Backup): Promise<void> {
  const { store, gatewayGroup, configuration, prefix, pushedConfig, log } = backup
  if (gatewayGroup === undefined) {
    log.warn('gateway group id not found, skipping backup')
    return
  }
  const revision = configuration.revision()
  if (revision === undefined) {
    // An empty node must never take the place of a good backup.
    log.warn('configuration is not loaded, skipping backup')
    return
  }
  const config = pushedConfig() ?? { config_version: 0, config_payload: {} }
  await store.write('config', gatewayGroup, JSON.stringify({ config }))
  await store.write('resource', gatewayGroup, JSON.stringify(resourcesToKeep(configuration, prefix)))
  log.info({ store: store.name, key: gatewayGroup, revision }, 'backup written')
}

/** The configuration as one document, in the vendor's shape: values as they are, but without their times. */
function resourcesToKeep(configuration: Configuration, prefix: string): Resources {
  const listOf = (type: string) => configuration.directory(type).map((item) => kept(item, `${prefix}/${type}/`))
  const always = alwaysTypes.map((type) => [type, listOf(type)] as const)
  const others = otherTypes.map((type) => [type, listOf(type)] as const).filter(([, list]) => list.length > 0)
  const plugins = configuration.item(`${prefix}/plugins`)?.value
  return { ...Object.fromEntries([...always, ...others]), plugins: Array.isArray(plugins) ? plugins : [] }
}

/** The id is the end of the key, which in deeper directories has more than one part. */
function kept({ key, value }: Item, directory: string): unknown {
  if (typeof value !== 'object' || value === null) return value
  const { create_time: _created, update_time: _updated, ...rest } = value as Readonly<Record<string, unknown>>
  return { ...rest, id: key.slice(directory.length) }
}
