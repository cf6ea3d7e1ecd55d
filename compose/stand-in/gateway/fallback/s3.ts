// The fallback configuration on S3, or on a server that speaks its protocol.
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import type { S3Settings } from './fallback-settings.ts'
import { type ObjectKind, type ObjectStore, storeLimits } from './object-store.ts'

/** Servers that are not AWS's know the checksums of 2025 only in part. There the body's hash in the signature protects it. */
const plainChecksums = {
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
} as const

export function openS3(settings: S3Settings): ObjectStore {
  const { keys, region, endpoint, usePathStyle } = settings
  const client = new S3Client({
    region,
    forcePathStyle: usePathStyle,
    maxAttempts: storeLimits.attempts,
    requestHandler: {
      connectionTimeout: storeLimits.connectMs,
      requestTimeout: storeLimits.requestMs,
      throwOnRequestTimeout: true,
    },
    ...(endpoint === undefined ? {} : { endpoint, ...plainChecksums }),
    ...(keys === undefined ? {} : { credentials: keys }),
  })
  const bucketOf = (kind: ObjectKind) => (kind === 'resource' ? settings.resourceBucket : settings.configBucket)
  return {
    name: `S3 at ${endpoint ?? region}`,
    async read(kind, key) {
      const { Body: body } = await client.send(new GetObjectCommand({ Bucket: bucketOf(kind), Key: key }))
      if (body === undefined) throw new Error(`object ${key} in bucket ${bucketOf(kind)} came without a body`)
      return body.transformToString('utf8')
    },
    async write(kind, key, text) {
      const object = { Bucket: bucketOf(kind), Key: key, Body: text, ContentType: 'application/json' }
      await client.send(new PutObjectCommand(object))
    },
    close: () => client.destroy(),
  }
}
