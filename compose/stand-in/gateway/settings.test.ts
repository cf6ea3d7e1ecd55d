// Which variables name the DP Managers, and what is refused.
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
  expect(defects).toEqual({ dropConfigOnLoss: false, listenBeforeConfig: false, configLoadDelayMs: 0 })
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
