// mTLS to the DP Manager, whose installation has its own authority, and how a gateway without a certificate gets one.
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { connect as connectPlain } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  type Authority,
  type Issued,
  issueClientCertificate,
  issueServerCertificate,
  makeAuthority,
} from '../control-plane/certificates.ts'
import { type FakeDpManager, fakeDpManager } from './fake-dp-manager.fixture.ts'
import { deadPort, type Environment, type GatewayUnderTest, gatewayUnderTest, statusOf } from './gateway.fixture.ts'

const closing: (() => unknown)[] = []
const name = 'api7ee3-dp-manager'
let authority: Authority
let ofServer: Issued
let ofGateway: Issued
let dpManager: FakeDpManager

beforeAll(async () => {
  authority = await makeAuthority()
  ofServer = await issueServerCertificate(authority, [name])
  ofGateway = await issueClientCertificate(authority, { gatewayGroupId: 'default' })
})

beforeEach(async () => {
  dpManager = await fakeDpManager()
  closing.push(() => dpManager.stop())
})

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

test('with the certificates of its installation a gateway reads over mTLS and says who it is, also by the older names', async () => {
  const tls = await secured(dpManager)
  for (const prefix of ['API7_DP_MANAGER', 'API7_CONTROL_PLANE']) {
    const gateway = await start([tls.url], { ...certificates(prefix), [`${prefix}_TOKEN`]: 'a7ee-placeholder' })
    expect(await statusOf(gateway.status('/status/ready'))).toBe(200)
  }
  expect(tls.clients()).toContain('api7ee3-apisix-gateway')
  expect(dpManager.lastHeaders()).toMatchObject({
    'control-plane-token': 'a7ee-placeholder',
    'gateway-instance-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    'gateway-run-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    'gateway-version': '3.10.5',
  })
})

test('a gateway of another installation does not start, and says that the authorities differ', async () => {
  const tls = await secured(dpManager)
  const other = await makeAuthority()
  const stranger = await issueClientCertificate(other, { gatewayGroupId: 'default' })
  const own = {
    API7_DP_MANAGER_CERT: stranger.certificate,
    API7_DP_MANAGER_KEY: stranger.key,
    API7_DP_MANAGER_SNI: name,
  }
  await expect(start([tls.url], { ...own, API7_DP_MANAGER_CA: other.certificate })).rejects.toThrow(
    /all etcd nodes are unavailable: .*do not trust one CA, are its certificates of another installation\?/,
  )
  // It knows the server, but the server does not know it.
  await expect(start([tls.url], { ...own, API7_DP_MANAGER_CA: authority.certificate })).rejects.toThrow(
    'all etcd nodes are unavailable',
  )
})

test('a certificate without its key is refused before anything is asked', async () => {
  await expect(start([dpManager.url], { API7_DP_MANAGER_CERT: ofGateway.certificate })).rejects.toThrow(
    'only one is set',
  )
})

test('a certificate that is exchanged counts from the next connection on, and what is in memory serves meanwhile', async () => {
  const tls = await secured(dpManager)
  const folder = await mkdtemp(join(tmpdir(), 'firedrill-certificates-'))
  closing.push(() => rm(folder, { recursive: true }))
  const gateway = await start([tls.url], { ...certificates('API7_DP_MANAGER'), CERTIFICATE_FOLDER: folder })
  const stranger = await issueClientCertificate(await makeAuthority(), { gatewayGroupId: 'default' })
  const show = async ({ certificate, key }: Authority): Promise<void> => {
    await writeFile(join(folder, 'api7ee.crt'), certificate)
    await writeFile(join(folder, 'api7ee.key'), key)
  }
  await show(stranger)
  tls.cut()
  expect(await statusOf(gateway.status('/status/ready'))).toBe(503)
  expect(await statusOf(gateway.call('/nowhere'))).toBe(404)
  await show(ofGateway)
  expect(await statusOf(gateway.status('/status/ready'))).toBe(200)
})

test('enrolment: a gateway asks until the Dashboard gives a certificate, and boots with the kept one while that is gone', async () => {
  const tls = await secured(dpManager)
  const folder = await mkdtemp(join(tmpdir(), 'firedrill-enrolment-'))
  closing.push(() => rm(folder, { recursive: true }))
  const dashboard = await dashboardThatRefusesFirst()
  const enrolment = {
    ENROL_URL: dashboard.url,
    ENROL_USERNAME: 'admin',
    ENROL_PASSWORD: 'p-4711-secret',
    ENROL_FOLDER: folder,
    API7_DP_MANAGER_SNI: name,
    API7_GATEWAY_GROUP_SHORT_ID: 'blue',
  }
  const first = await start([tls.url], enrolment)
  expect(await statusOf(first.status('/status/ready'))).toBe(200)
  expect(dashboard.asked()).toEqual([
    'POST /api/gateway_groups/blue/dp_client_certificates Basic YWRtaW46cC00NzExLXNlY3JldA==',
    'POST /api/gateway_groups/blue/dp_client_certificates Basic YWRtaW46cC00NzExLXNlY3JldA==',
  ])
  const [file = ''] = await readdir(folder)
  expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600)
  await dashboard.stop()
  const second = await start([tls.url], { ...enrolment, BOOT_LIMIT_MS: '2000' })
  expect(await statusOf(second.status('/status/ready'))).toBe(200)
  const said = JSON.stringify([...first.log, ...second.log])
  for (const secret of ['p-4711-secret', 'YWRtaW46', 'PRIVATE KEY']) expect(said).not.toContain(secret)
  expect(await readFile(join(folder, file), 'utf8')).toContain('PRIVATE KEY')
})

test('enrolment: without an answer within the boot limit the gateway does not start, and says whom it asked', async () => {
  const folder = join(tmpdir(), 'firedrill-enrolment-none')
  const nowhere = `http://127.0.0.1:${await deadPort()}`
  const enrolment = { ENROL_URL: nowhere, ENROL_USERNAME: 'admin', ENROL_PASSWORD: 'secret', ENROL_FOLDER: folder }
  await expect(start([dpManager.url], { ...enrolment, BOOT_LIMIT_MS: '200' })).rejects.toThrow(
    `enrolment: no certificate from ${nowhere}/api/gateway_groups/default/dp_client_certificates within 200 ms`,
  )
})

async function start(endpoints: readonly string[], environment: Environment): Promise<GatewayUnderTest> {
  const gateway = await gatewayUnderTest(endpoints, environment)
  closing.push(() => gateway.cut())
  return gateway
}

function certificates(prefix: string): Environment {
  return {
    [`${prefix}_CERT`]: ofGateway.certificate.replaceAll('\n', '\\n'),
    [`${prefix}_KEY`]: ofGateway.key,
    [`${prefix}_CA`]: authority.certificate,
    [`${prefix}_SNI`]: name,
  }
}

/** Port 7943 before a fake: it takes clients of this installation alone. */
async function secured(
  fake: FakeDpManager,
): Promise<{ readonly url: string; readonly clients: () => readonly string[]; readonly cut: () => void }> {
  const names: string[] = []
  const sockets = new Set<TLSSocket>()
  const options = { cert: ofServer.certificate, key: ofServer.key, ca: authority.certificate }
  const server = createTlsServer({ ...options, requestCert: true, rejectUnauthorized: true }, (socket) => {
    const { subject } = socket.getPeerCertificate()
    names.push(String(subject.CN))
    sockets.add(socket)
    const inside = connectPlain(Number(new URL(fake.url).port), '127.0.0.1')
    socket.on('error', () => inside.destroy()).pipe(inside)
    inside.on('error', () => socket.destroy()).pipe(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  closing.push(() => {
    cut()
    server.close()
  })
  return { url: `https://127.0.0.1:${portOf(server.address())}`, clients: () => names, cut }
}

async function dashboardThatRefusesFirst() {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization}`)
    if (asked.length === 1) {
      response.writeHead(503).end('{"error_msg":"not yet"}')
      return
    }
    const value = {
      certificate: ofGateway.certificate,
      private_key: ofGateway.key,
      ca_certificate: authority.certificate,
    }
    response.end(JSON.stringify({ value }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const stop = () => new Promise((resolve) => server.close(resolve).closeAllConnections())
  closing.push(() => server.listening && stop())
  return { url: `http://127.0.0.1:${portOf(server.address())}`, asked: () => asked, stop }
}

function portOf(address: ReturnType<ReturnType<typeof createServer>['address']>): number {
  if (address === null || typeof address === 'string') throw new Error('This machine gave no free port on 127.0.0.1')
  return address.port
}
