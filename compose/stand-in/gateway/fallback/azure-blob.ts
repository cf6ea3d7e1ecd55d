// The fallback configuration on Azure Blob Storage, or on Azurite.
import { text } from 'node:stream/consumers'
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob'
import type { AzureBlobSettings } from './fallback-settings.ts'
import { type ObjectKind, type ObjectStore, storeLimits } from './object-store.ts'

export function openAzureBlob(settings: AzureBlobSettings): ObjectStore {
  const { endpoint, accountName, accountKey } = settings
  const credential = new StorageSharedKeyCredential(accountName, accountKey)
  const retryOptions = {
    maxTries: storeLimits.attempts,
    tryTimeoutInMs: storeLimits.requestMs,
    maxRetryDelayInMs: 2_000,
  }
  const client = new BlobServiceClient(endpoint, credential, { retryOptions })
  const blobOf = (kind: ObjectKind, key: string) => {
    const container = kind === 'resource' ? settings.resourceContainer : settings.configContainer
    return client.getContainerClient(container).getBlockBlobClient(key)
  }
  return {
    name: `Azure Blob at ${endpoint}`,
    async read(kind, key) {
      // Not downloadToBuffer, which asks with HEAD first: an error to that has no body and no words.
      const { readableStreamBody } = await blobOf(kind, key).download()
      if (readableStreamBody === undefined) throw new Error(`blob ${key} came without a body`)
      return text(readableStreamBody)
    },
    async write(kind, key, json) {
      const blobHTTPHeaders = { blobContentType: 'application/json' }
      await blobOf(kind, key).upload(json, Buffer.byteLength(json), { blobHTTPHeaders })
    },
    close: () => undefined,
  }
}
