import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { filesOf } from './compose.ts'
import { variablesSet } from './compose-variables.ts'

const STACKS = ['etcd', 'high-availability', 'multi-zone']

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

test('what is ours is not told, and of a licence only that it is set', async () => {
  expect(await set({ LICENSE_TEXT: 'mine', FIREDRILL_DB_PASSWORD: 'mine', FIREDRILL_SUBNET: '10.99.0' })).toEqual({
    LICENSE_TEXT: '[redacted]',
  })
})

test('of a variable that nobody here knows its value is not told, whatever its name', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'firedrill-variables-'))
  const ours = join(folder, 'ours.yaml')
  const names = ['ADMIN_PWD', 'API7_DB_PASS', 'REDIS_AUTH', 'REGION', 'db_password']
  writeFileSync(ours, [...names, 'LB_MODE'].map((name) => `# \${${name}:-unset}`).join('\n'))
  const secret = Object.fromEntries(names.map((name) => [name, 'Tr0ub4dor-and-3']))
  try {
    expect(await variablesSet([ours], { ...secret, LB_MODE: 'tcp' })).toEqual({
      ...Object.fromEntries(names.map((name) => [name, '[redacted]'])),
      LB_MODE: 'tcp',
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test.each(STACKS)('every variable of %s is one whose value is told, ours, or the licence', async (stack) => {
  const texts = await Promise.all((await filesOf({ stack })).map((file) => readFile(file, 'utf8')))
  const names = texts.flatMap((text) => [...text.matchAll(/\$\{(\w+):-/g)].flatMap(([, name]) => name ?? []))
  const told = await variablesSet(await filesOf({ stack }), Object.fromEntries(names.map((name) => [name, 'other'])))
  expect(names.length).toBeGreaterThan(0)
  expect(Object.keys(told).filter((name) => told[name] !== 'other')).toEqual(['LICENSE_TEXT'])
})
