// The vendor's config.yaml, as far as it says where configuration comes from, read into the variables this gateway knows.
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { Environment } from './environment.ts'

/** The environment with what the file at CONFIG_YAML says beneath it: a variable that is set wins. */
export function withConfigYaml(environment: Environment): Environment {
  const path = environment.CONFIG_YAML
  if (path === undefined || path === '') return environment
  const text = interpolate(readFileSync(path, 'utf8'), environment)
  const found = Object.entries(places).flatMap(([place, variable]) => {
    const value = valueAt(parse(text), place.split('.'))
    return value === undefined || value === null ? [] : [[variable.name, variable.write(value)] as const]
  })
  const isSet = Object.entries(environment).filter(([, value]) => value !== undefined && value !== '')
  return { ...Object.fromEntries(found), ...Object.fromEntries(isSet) }
}

interface Variable {
  readonly name: string
  readonly write: (value: unknown) => string
}

const asText = (name: string): Variable => ({ name, write: String })
const asJson = (name: string): Variable => ({ name, write: (value) => JSON.stringify(value) })
const asMs = (name: string): Variable => ({ name, write: (value) => String(Math.round(Number(value) * 1_000)) })

const places: Readonly<Record<string, Variable>> = {
  'deployment.role': asText('DEPLOYMENT_ROLE'),
  'deployment.role_data_plane.config_provider': asText('CONFIG_PROVIDER'),
  'deployment.etcd.host': asJson('APISIX_DEPLOYMENT_ETCD_HOST'),
  'deployment.etcd.prefix': asText('CONFIG_PREFIX'),
  'deployment.etcd.timeout': asMs('CALL_TIMEOUT_MS'),
  'deployment.etcd.watch_timeout': asMs('WATCH_TIMEOUT_MS'),
  'deployment.etcd.startup_retry': asText('STARTUP_RETRY'),
  'deployment.etcd.user': asText('ETCD_USERNAME'),
  'deployment.etcd.password': asText('ETCD_PASSWORD'),
  'deployment.fallback_cp.mode': asText('FALLBACK_CP_MODE'),
  'deployment.fallback_cp.interval': asText('FALLBACK_CP_INTERVAL'),
  'deployment.fallback_cp.aws_s3.access_key': asText('FALLBACK_CP_S3_ACCESS_KEY'),
  'deployment.fallback_cp.aws_s3.secret_key': asText('FALLBACK_CP_S3_SECRET_KEY'),
  'deployment.fallback_cp.aws_s3.region': asText('FALLBACK_CP_S3_REGION'),
  'deployment.fallback_cp.aws_s3.resource_bucket': asText('FALLBACK_CP_S3_RESOURCE_BUCKET'),
  'deployment.fallback_cp.aws_s3.config_bucket': asText('FALLBACK_CP_S3_CONFIG_BUCKET'),
  'deployment.fallback_cp.aws_s3.endpoint': asText('FALLBACK_CP_S3_ENDPOINT'),
  'deployment.fallback_cp.aws_s3.use_path_style': asText('FALLBACK_CP_S3_USE_PATH_STYLE'),
  'deployment.fallback_cp.azure_blob.account_name': asText('FALLBACK_CP_AZURE_ACCOUNT_NAME'),
  'deployment.fallback_cp.azure_blob.account_key': asText('FALLBACK_CP_AZURE_ACCOUNT_KEY'),
  'deployment.fallback_cp.azure_blob.resource_container': asText('FALLBACK_CP_AZURE_RESOURCE_CONTAINER'),
  'deployment.fallback_cp.azure_blob.config_container': asText('FALLBACK_CP_AZURE_CONFIG_CONTAINER'),
  'deployment.fallback_cp.azure_blob.endpoint': asText('FALLBACK_CP_AZURE_ENDPOINT'),
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, name) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[name] : undefined),
    value,
  )
}

/** `${{NAME}}` and `${{NAME:=default}}`, as the vendor's start script replaces them. */
function interpolate(text: string, environment: Environment): string {
  return text.replace(/\$\{\{\s*(\w+)\s*(?::=(.*?))?\}\}/g, (whole, name: string, otherwise: string | undefined) => {
    return environment[name] ?? otherwise?.trim() ?? whole
  })
}
