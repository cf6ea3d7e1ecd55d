import { join } from 'node:path'
import { expect, test } from 'vitest'
import { callerZonesOf, filesOf, variablesSet } from './compose.ts'

const set = async (environment: NodeJS.ProcessEnv): Promise<Readonly<Record<string, string>>> =>
  variablesSet(await filesOf({ stack: 'high-availability' }), environment)

test('what is set otherwise than a deployment’s files have it is told, in order of name', async () => {
  expect(
    await set({ LB_MODE: 'tcp', LB_HARD_STOP_AFTER: '5m', COMPOSE_PROFILES: 's3', PATH: join('/', 'bin') }),
  ).toEqual({
    COMPOSE_PROFILES: 's3',
    LB_HARD_STOP_AFTER: '5m',
    LB_MODE: 'tcp',
  })
})

test('what is set as the files have it anyway, or to nothing, is not told', async () => {
  expect(await set({ LB_MODE: 'http', LB_CHECK: '/status', GATEWAY_CPUS: '' })).toEqual({})
})

test('secrets, licences and what is ours are not told', async () => {
  expect(await set({ LICENSE_TEXT: 'mine', FIREDRILL_DB_PASSWORD: 'mine', FIREDRILL_SUBNET: '10.99.0' })).toEqual({})
})

test('callers stand in zones where a file has the label for it, and nowhere else', async () => {
  const zones = async (stack: string, environment: NodeJS.ProcessEnv) =>
    callerZonesOf(await filesOf({ stack }), environment)
  expect(await zones('multi-zone', { CALLER_ZONES: 'a, b outside' })).toEqual(['a', 'b'])
  expect(await zones('multi-zone', {})).toEqual([])
  expect(await zones('etcd', { CALLER_ZONES: 'a b c' })).toEqual([])
})
