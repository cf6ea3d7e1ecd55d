// Which variables name the DP Managers, and what is refused.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readSettings } from './settings.ts'

const endpoints = '["http://dpm-1:7900/","http://dpm-2:7900"]'

test('each of the three names of the endpoints is read, the newest first', () => {
  for (const name of ['API7_DP_MANAGER_ENDPOINTS', 'API7_CONTROL_PLANE_ENDPOINTS', 'APISIX_DEPLOYMENT_ETCD_HOST']) {
    expect(readSettings({ [name]: endpoints }).endpoints).toEqual(['http://dpm-1:7900', 'http://dpm-2:7900'])
  }
  const both = { API7_DP_MANAGER_ENDPOINTS: '["http://new"]', APISIX_DEPLOYMENT_ETCD_HOST: '["http://old"]' }
  expect(readSettings(both).endpoints).toEqual(['http://new'])
})

test('timings are the vendor’s unless said otherwise, and no defect is planted', () => {
  const { timings, defects, readySemantics } = readSettings({ API7_DP_MANAGER_ENDPOINTS: endpoints })
  expect(timings).toMatchObject({
    watchTimeoutMs: 50_000,
    heartbeatIntervalMs: 10_000,
    backoffMaxMs: 32_000,
    startupTries: 2,
  })
  expect(timings).toMatchObject({ resyncDelayMs: 5_000, healthFailWindowMs: 10_000, shutdownTimeoutMs: 240_000 })
  expect(defects).toEqual({
    onLoss: 'serve',
    resumesAtNewest: false,
    readsAnewOnReturn: false,
    mergesOnResync: false,
    listenBeforeConfig: false,
    configLoadDelayMs: 0,
    staleWorkerOf: 0,
    isAliveWhenReady: false,
    startsUnasked: false,
    coldCallMs: 0,
  })
  expect(readySemantics).toBe('api7')
})

test('no endpoints, endpoints that are no URLs, and numbers that are none are refused', () => {
  expect(() => readSettings({})).toThrow('No DP Manager is named')
  expect(() => readSettings({ API7_DP_MANAGER_ENDPOINTS: '["nowhere"]' })).toThrow('expected a JSON array')
  expect(() => readSettings({ API7_DP_MANAGER_ENDPOINTS: endpoints, WATCH_TIMEOUT_MS: '50s' })).toThrow(
    'WATCH_TIMEOUT_MS is 50s',
  )
})

test('a node keeps its instance id over restarts, and two nodes have two', () => {
  const idOf = (nodeName: string) =>
    readSettings({ API7_DP_MANAGER_ENDPOINTS: endpoints, NODE_NAME: nodeName }).instanceId
  expect(idOf('data-plane-1')).toBe(idOf('data-plane-1'))
  expect(idOf('data-plane-1')).not.toBe(idOf('data-plane-2'))
  expect(idOf('data-plane-1')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('the vendor’s config.yaml says where configuration comes from, and a variable that is set wins over it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'firedrill-config-'))
  const path = join(folder, 'config.yaml')
  await writeFile(path, configYaml)
  const settings = readSettings({ CONFIG_YAML: path, S3_SECRET: 'hidden', API7_GATEWAY_GROUP_SHORT_ID: 'default' })
  expect(settings).toMatchObject({
    provider: 'json',
    fallback: {
      mode: 'read',
      intervalMs: 10_000,
      store: {
        kind: 's3',
        keys: { accessKeyId: 'firedrill', secretAccessKey: 'hidden' },
        endpoint: 'http://object-store:9000',
        usePathStyle: true,
      },
    },
  })
  const wins = readSettings({ CONFIG_YAML: path, CONFIG_PROVIDER: 'etcd', FALLBACK_CP_MODE: 'write' })
  expect([wins.provider, wins.endpoints, wins.fallback?.mode]).toEqual(['etcd', ['http://dp-manager:7900'], 'write'])
  await rm(folder, { recursive: true })
})

test('a backup node needs a store, one store and not two, and no error names a secret', () => {
  const base = { API7_DP_MANAGER_ENDPOINTS: endpoints, FALLBACK_CP_MODE: 'write' }
  expect(() => readSettings(base)).toThrow('no store is named')
  const s3 = { FALLBACK_CP_S3_RESOURCE_BUCKET: 'r', FALLBACK_CP_S3_CONFIG_BUCKET: 'c' }
  expect(() => readSettings({ ...base, ...s3, FALLBACK_CP_AZURE_ACCOUNT_NAME: 'a' })).toThrow('expected one of them')
  expect(() => readSettings({ ...base, ...s3, FALLBACK_CP_S3_ACCESS_KEY: 'k-4711' })).toThrow(
    /^FALLBACK_CP_S3_SECRET_KEY is not set/,
  )
})

const configYaml = `
deployment:
  role: data_plane
  role_data_plane:
    config_provider: json
  etcd:
    host: ["http://dp-manager:7900"]
  fallback_cp:
    interval: 10
    aws_s3:
      access_key: \${{S3_ACCESS:=firedrill}}
      secret_key: \${{S3_SECRET:=hidden}}
      region: us-east-1
      resource_bucket: resource
      config_bucket: config
      endpoint: http://object-store:9000
      use_path_style: true
`
