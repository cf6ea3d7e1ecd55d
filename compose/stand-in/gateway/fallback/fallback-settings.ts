// Where the fallback configuration lies, S3 or Azure Blob, and whether this node writes it (backup node) or reads it.
import { type Environment, needed, oneOf } from '../environment.ts'

/** Each of the two objects has a bucket (S3) or container (Azure) of its own; the key in both is the group's short id. */
export type ObjectStoreSettings = S3Settings | AzureBlobSettings

export interface S3Settings {
  readonly kind: 's3'
  /** Undefined: the SDK looks for a role of the machine, as the vendor's does. */
  readonly keys: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined
  readonly region: string
  readonly endpoint: string | undefined
  readonly usePathStyle: boolean
  readonly resourceBucket: string
  readonly configBucket: string
}

export interface AzureBlobSettings {
  readonly kind: 'azure'
  readonly accountName: string
  readonly accountKey: string
  readonly endpoint: string
  readonly resourceContainer: string
  readonly configContainer: string
}

export interface FallbackSettings {
  readonly mode: 'read' | 'write'
  readonly intervalMs: number
  readonly store: ObjectStoreSettings
}

/** The vendor's keys under `deployment.fallback_cp`, as variables. Undefined when no store is named. Mode is read, interval 60 s unless said. */
export function readFallback(environment: Environment): FallbackSettings | undefined {
  const store = readStore(environment)
  const mode = oneOf(environment, 'FALLBACK_CP_MODE', ['read', 'write'])
  if (store === undefined) {
    if (mode === 'read') return undefined
    throw new Error(
      'FALLBACK_CP_MODE is write, but no store is named: set FALLBACK_CP_S3_RESOURCE_BUCKET and FALLBACK_CP_S3_CONFIG_BUCKET, or FALLBACK_CP_AZURE_ACCOUNT_NAME',
    )
  }
  return { mode, store, intervalMs: secondsToMs(environment.FALLBACK_CP_INTERVAL) }
}

function readStore(environment: Environment): ObjectStoreSettings | undefined {
  const isS3 = Boolean(environment.FALLBACK_CP_S3_RESOURCE_BUCKET ?? environment.FALLBACK_CP_S3_CONFIG_BUCKET)
  const isAzure = Boolean(environment.FALLBACK_CP_AZURE_ACCOUNT_NAME)
  if (isS3 && isAzure) throw new Error('Both S3 and Azure Blob are named for Fallback CP, expected one of them')
  if (isS3) return readS3(environment)
  return isAzure ? readAzure(environment) : undefined
}

function readS3(environment: Environment): S3Settings {
  const because = 'Fallback CP on S3 needs it'
  const accessKeyId = environment.FALLBACK_CP_S3_ACCESS_KEY
  const keys =
    accessKeyId === undefined || accessKeyId === ''
      ? undefined
      : { accessKeyId, secretAccessKey: needed(environment, 'FALLBACK_CP_S3_SECRET_KEY', because) }
  return {
    kind: 's3',
    keys,
    region: environment.FALLBACK_CP_S3_REGION || 'us-east-1',
    endpoint: environment.FALLBACK_CP_S3_ENDPOINT || undefined,
    usePathStyle: ['1', 'true'].includes(environment.FALLBACK_CP_S3_USE_PATH_STYLE ?? ''),
    resourceBucket: needed(environment, 'FALLBACK_CP_S3_RESOURCE_BUCKET', because),
    configBucket: needed(environment, 'FALLBACK_CP_S3_CONFIG_BUCKET', because),
  }
}

function readAzure(environment: Environment): AzureBlobSettings {
  const because = 'Fallback CP on Azure Blob needs it (managed identities are not supported here)'
  const accountName = needed(environment, 'FALLBACK_CP_AZURE_ACCOUNT_NAME', because)
  return {
    kind: 'azure',
    accountName,
    accountKey: needed(environment, 'FALLBACK_CP_AZURE_ACCOUNT_KEY', because),
    endpoint: environment.FALLBACK_CP_AZURE_ENDPOINT || `https://${accountName}.blob.core.windows.net`,
    resourceContainer: needed(environment, 'FALLBACK_CP_AZURE_RESOURCE_CONTAINER', because),
    configContainer: needed(environment, 'FALLBACK_CP_AZURE_CONFIG_CONTAINER', because),
  }
}

function secondsToMs(text: string | undefined): number {
  const value = Number(text || 60)
  if (Number.isFinite(value) && value > 0) return Math.round(1_000 * value)
  throw new Error(`FALLBACK_CP_INTERVAL is ${text}, expected a number of seconds above 0`)
}
