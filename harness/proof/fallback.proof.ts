// Fallback CP: with every control-plane node down, a new data-plane node starts from what the backup node wrote before.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { specsFor } from '../setup/image-list.ts'
import { imagesReady } from '../setup/images.ts'
import { byHand, docker, untilSo } from './by-hand.ts'

const SUBNET = process.env.FIREDRILL_SUBNET || '10.213.77'
const ADMIN = 'http://127.0.0.1:7080/apisix/admin'
const GATEWAY_IMAGE = process.env.FIREDRILL_GATEWAY_IMAGE || 'firedrill/gateway:local'
const CONTROL_PLANE = ['control-plane-1', 'control-plane-2'].flatMap((node) => [
  `${node}-dashboard`,
  `${node}-dp-manager`,
])

const deployment = byHand('high-availability', 'firedrill-fallback')

const S3 = {
  FALLBACK_CP_S3_ENDPOINT: `http://${SUBNET}.71:9000`,
  FALLBACK_CP_S3_USE_PATH_STYLE: 'true',
  FALLBACK_CP_S3_ACCESS_KEY: 'firedrill',
  FALLBACK_CP_S3_SECRET_KEY: process.env.FIREDRILL_OBJECT_STORE_KEY || 'a-lab-secret-for-objects',
  FALLBACK_CP_S3_RESOURCE_BUCKET: 'resource',
  FALLBACK_CP_S3_CONFIG_BUCKET: 'config',
}
const AZURE = {
  FALLBACK_CP_AZURE_ENDPOINT: `http://${SUBNET}.72:10000/firedrill`,
  FALLBACK_CP_AZURE_ACCOUNT_NAME: 'firedrill',
  FALLBACK_CP_AZURE_ACCOUNT_KEY: process.env.FIREDRILL_AZURE_KEY || 'YS1sYWItc2VjcmV0LWZvci1ibG9icw==',
  FALLBACK_CP_AZURE_RESOURCE_CONTAINER: 'resource',
  FALLBACK_CP_AZURE_CONFIG_CONTAINER: 'config',
}

const put = async (path: string, body: object): Promise<void> => {
  const answer = await fetch(`${ADMIN}/${path}?gateway_group_id=default`, {
    method: 'PUT',
    headers: { authorization: `Basic ${btoa('admin:admin')}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (answer.status !== 200) throw new Error(`PUT ${path} was answered with ${answer.status}: ${await answer.text()}`)
}

/** How many of the lines a container wrote so far say this. */
const saidBy = async (service: string, words: string): Promise<number> =>
  (await docker('logs', deployment.containerOf(service))).split(words).length - 1

/** A data-plane node that knows nothing but the store; answers with the status of a call of it. */
const callThrough = async (name: string, store: Readonly<Record<string, string>>): Promise<string> => {
  const told = {
    DEPLOYMENT_ROLE: 'data_plane',
    CONFIG_PROVIDER: 'json',
    API7_GATEWAY_GROUP_SHORT_ID: 'default',
    ...store,
  }
  const environment = Object.entries(told).flatMap(([key, value]) => ['-e', `${key}=${value}`])
  const where = ['--network', `${deployment.project}_deployment`, '--label', `firedrill.run=${deployment.project}`]
  await docker('run', '-d', '--name', name, ...where, ...environment, GATEWAY_IMAGE)
  const look = `exec 3<>/dev/tcp/127.0.0.1/9080 && printf 'GET /orders/42 HTTP/1.0\\r\\n\\r\\n' >&3 && read -r status <&3 && echo "$status"`
  let said = ''
  await untilSo(
    `${name} answers`,
    async () => {
      said = await docker('exec', name, 'bash', '-c', look)
      return said !== ''
    },
    15_000,
  )
  return said.trim()
}

beforeAll(async () => {
  const consent = { install: process.env.FIREDRILL_NO_INSTALL !== '1', ask: 'never' } as const
  await imagesReady(consent, () => {}, specsFor({ COMPOSE_PROFILES: 's3,azure' }))
  await deployment.down()
  await deployment.up([], { COMPOSE_PROFILES: 's3,azure', FALLBACK_CP_INTERVAL: '1' })
}, 180_000)

afterAll(deployment.down)

test('a new data-plane node starts from S3 and from Azure Blob while every control-plane node is down', async () => {
  await untilSo(
    'the Dashboard answers',
    async () => (await fetch('http://127.0.0.1:7080/healthz')).status === 200,
    60_000,
  )
  const nodes = [{ host: `${SUBNET}.61`, port: 8080, weight: 1 }]
  await put('services/orders', {
    name: 'orders',
    type: 'http',
    upstream: { name: 'default', scheme: 'http', type: 'roundrobin', nodes },
  })
  await put('routes/orders', { name: 'orders', service_id: 'orders', paths: ['/orders/*'] })
  await untilSo(
    'a gateway has the route',
    async () => (await fetch('http://127.0.0.1:9080/orders/42')).status === 200,
    20_000,
  )
  // A backup that began before the route was there may still be under way: the one after it has the route.
  for (const backup of ['backup-to-s3', 'backup-to-azure']) {
    const before = await saidBy(backup, 'backup written')
    await untilSo(
      `${backup} wrote twice more`,
      async () => (await saidBy(backup, 'backup written')) >= before + 2,
      20_000,
    )
  }

  await docker('stop', ...CONTROL_PLANE.map(deployment.containerOf))
  expect({
    s3: await callThrough('firedrill-from-s3', S3),
    azure: await callThrough('firedrill-from-azure', AZURE),
  }).toEqual({ s3: 'HTTP/1.1 200 OK', azure: 'HTTP/1.1 200 OK' })
})
