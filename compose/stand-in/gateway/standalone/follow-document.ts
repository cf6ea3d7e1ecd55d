// Keeps the configuration as a document somewhere says: a file, or the objects of the fallback. Read again and again.
import type { Configuration } from '../configuration.ts'
import type { Item } from '../etcd-json.ts'
import { type Log, reasonOf } from '../log.ts'
import { backoffMs, pause } from '../wait.ts'
import { itemsOf, type Resources } from './resources.ts'

export interface DocumentSource {
  /** How it is called in the log. */
  readonly name: string
  readonly everyMs: number
  /** The whole document, or undefined when it is as it was at the last look. Throws when it cannot be read or makes no sense. */
  read(): Promise<Resources | undefined>
}

export interface DocumentFollowing {
  readonly source: DocumentSource
  readonly configuration: Configuration
  readonly prefix: string
  readonly log: Log
  /** Called after every look, whatever it found. */
  readonly onLooked: () => void
  /** Called after every document that was taken. */
  readonly onLoaded: () => void
}

const firstRetryMs = 500

/** Runs until the signal is aborted. What cannot be read changes nothing: the old configuration serves on, the next look tries again. */
export async function followDocument(following: DocumentFollowing, signal: AbortSignal): Promise<void> {
  const { source, configuration, log } = following
  let items: readonly Item[] = []
  let failures = 0
  while (!signal.aborted) {
    try {
      const resources = await source.read()
      // A reload may have read since then what is newer than this.
      if (resources !== undefined && !signal.aborted) items = take(resources, items, following)
      failures = 0
    } catch (error) {
      if (!signal.aborted)
        log.error({ source: source.name, reason: reasonOf(error) }, 'failed to load the configuration')
      failures += 1
    }
    following.onLooked()
    // A node that has nothing yet looks sooner than one that serves.
    const soonMs = backoffMs(Math.max(0, failures - 1), { baseMs: firstRetryMs, maxMs: source.everyMs })
    await pause(configuration.revision() === undefined ? soonMs : source.everyMs, signal)
  }
}

function take(resources: Resources, before: readonly Item[], following: DocumentFollowing): readonly Item[] {
  const { source, configuration, prefix, log, onLoaded } = following
  const revision = (configuration.revision() ?? 0) + 1
  const items = itemsOf(resources, { prefix, revision, before })
  configuration.replace({ revision, items, unreadable: [] })
  log.info({ source: source.name, revision, items: items.length }, 'configuration loaded')
  onLoaded()
  return items
}
