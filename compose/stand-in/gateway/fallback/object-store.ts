// The store of the fallback configuration: two objects a gateway group, each in its own bucket under the group's short id.
import type { ObjectStoreSettings } from './fallback-settings.ts'

export type ObjectKind = 'resource' | 'config'

export interface ObjectStore {
  /** How it is called in logs and errors; never with a key. */
  readonly name: string
  read(kind: ObjectKind, key: string): Promise<string>
  write(kind: ObjectKind, key: string, text: string): Promise<void>
  close(): void
}

/** One attempt's limits; the SDKs retry by themselves, three attempts in all. */
export const storeLimits = { connectMs: 3_000, requestMs: 10_000, attempts: 3 }

/** Opens a store. Its SDK is loaded only now, since it costs memory and start-up time that a plain gateway does not need. */
export async function openObjectStore(settings: ObjectStoreSettings): Promise<ObjectStore> {
  if (settings.kind === 's3') return (await import('./s3.ts')).openS3(settings)
  return (await import('./azure-blob.ts')).openAzureBlob(settings)
}
