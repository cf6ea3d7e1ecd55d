// Azurite's blob server with one account, and the containers that somebody would have made on Azure before.
import { createRequire } from 'node:module'
import { setTimeout as pause } from 'node:timers/promises'
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob'

const startLimitMs = 20_000
const host = process.env.AZURITE_ADDRESS || '0.0.0.0'
const port = process.env.AZURITE_PORT || '10000'
const name = process.env.AZURITE_ACCOUNT_NAME || 'firedrill'
const key = process.env.AZURITE_ACCOUNT_KEY || Buffer.from('firedrill-account-key').toString('base64')
const containers = (process.env.AZURITE_CONTAINERS || 'resource,config').split(',')

const options = ['--blobHost', host, '--blobPort', port, '--location', process.env.AZURITE_FOLDER || '/data']
const flags = ['--silent', '--disableTelemetry', '--skipApiVersionCheck', '--disableProductStyleUrl']
// In this process, so that there is one to end: Azurite reads its command line and its accounts when it is loaded.
process.argv = [...process.argv.slice(0, 2), ...options, ...flags]
process.env.AZURITE_ACCOUNTS = `${name}:${key}`
createRequire(import.meta.url)('azurite/dist/src/blob/main.js')

const url = `http://127.0.0.1:${port}/${name}`
const client = new BlobServiceClient(url, new StorageSharedKeyCredential(name, key), { retryOptions: { maxTries: 1 } })
const until = Date.now() + startLimitMs
for (const container of containers) await made(container)
console.log(`azurite listens on ${host}:${port}, account ${name}, containers ${containers.join(', ')}`)

/** Tries until the server answers. */
async function made(container) {
  for (;;) {
    try {
      return await client.getContainerClient(container).createIfNotExists()
    } catch (error) {
      if (Date.now() > until) throw error
      await pause(100)
    }
  }
}
