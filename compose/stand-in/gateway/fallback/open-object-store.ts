// Opens the store that the settings name.
import type { ObjectStoreSettings } from './fallback-settings.ts'
import type { ObjectStore } from './object-store.ts'

/** Its SDK is loaded only now, since it costs memory and start-up time that a plain gateway does not need. */
export async function openObjectStore(settings: ObjectStoreSettings): Promise<ObjectStore> {
  if (settings.kind === 's3') return (await import('./s3.ts')).openS3(settings)
  return (await import('./azure-blob.ts')).openAzureBlob(settings)
}
