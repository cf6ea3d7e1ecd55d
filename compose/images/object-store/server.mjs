// An S3 server on a folder, with keys and buckets from the environment. It knows path-style addresses alone.
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const S3rver = require('@20minutes/s3rver')
const { DUMMY_ACCOUNT } = require('@20minutes/s3rver/lib/models/account')

const accessKey = process.env.OBJECT_STORE_ACCESS_KEY || 'firedrill'
DUMMY_ACCOUNT.revokeAccessKey('S3RVER')
DUMMY_ACCOUNT.createKeyPair(accessKey, process.env.OBJECT_STORE_SECRET_KEY || 'firedrill-secret')

const buckets = (process.env.OBJECT_STORE_BUCKETS || 'resource,config')
  .split(',')
  .map((name) => ({ name, configs: [] }))
const server = new S3rver({
  address: process.env.OBJECT_STORE_ADDRESS || '0.0.0.0',
  port: Number(process.env.OBJECT_STORE_PORT || 9000),
  directory: process.env.OBJECT_STORE_FOLDER || '/data',
  configureBuckets: buckets,
  vhostBuckets: false,
  silent: true,
})

for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT']) process.on(signal, () => process.exit(0))
const { address, port } = await server.run()
console.log(`object store listens on ${address}:${port}`)
