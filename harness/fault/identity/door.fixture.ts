// Two gateways that follow a DP Manager over mTLS, as small as that can be: the stand-in's own door with its own authority, and
// behind it a configuration of one route.
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openRecorder } from '../../history/recorder.ts'
import { createRedactor } from '../../history/redact.ts'
import { clockSince } from '../../time/clock.ts'
import { docker } from '../../topology/docker.ts'
import { withEngineUnstuck } from '../../topology/engine-restart.ts'
import { endLease, takeLease } from '../../topology/lease.ts'
import { remove } from '../../topology/residue.ts'
import type { Container, Node, Topology } from '../../topology/topology.ts'
import { startCallers } from '../../traffic/callers.ts'
import { dockerRuntime } from '../docker.ts'
import { networkOver } from '../network/docker.ts'
import { looksBy } from './looks.ts'
import { doorsOf, type IdentityWorld } from './shown.ts'

const IMAGES = {
  door: process.env.FIREDRILL_CONTROL_PLANE_IMAGE ?? 'firedrill/control-plane:local',
  gateway: process.env.FIREDRILL_GATEWAY_IMAGE ?? 'firedrill/gateway:local',
  callers: process.env.FIREDRILL_CALLERS_IMAGE ?? 'firedrill/callers:local',
  helper: process.env.FIREDRILL_FAULT_HELPER_IMAGE ?? 'firedrill/fault-helper:local',
}
const SUBNET = '10.213.83'
const READY_LIMIT_MS = 30_000
const NEXT_LOOK_MS = 50

const DOOR = `
import { writeFileSync } from 'node:fs'
import { pino } from 'pino'
import { issueClientCertificate, makeAuthority } from '/app/control-plane/certificates.ts'
import { openGatewayDoor } from '/app/control-plane/dp-manager/gateway-door.ts'
import { httpServer } from '/app/control-plane/http-server.ts'
const server = httpServer(pino({ level: 'silent' }))
server.removeAllContentTypeParsers()
server.addContentTypeParser('*', { parseAs: 'string' }, async () => ({}))
server.get('/version', async () => ({ etcdserver: '3.4.23', etcdcluster: '3.4.0' }))
const base64 = (text) => Buffer.from(text).toString('base64')
const route = { uri: '/orders', upstream: { type: 'roundrobin', nodes: { '127.0.0.1:1': 1 } } }
const kvs = [{ key: base64('/apisix/routes/orders'), value: base64(JSON.stringify(route)), create_revision: '1', mod_revision: '1' }]
server.post('/v3/kv/range', async () => ({ header: { revision: '1' }, kvs, count: '1' }))
server.post('/v3/watch', (_request, reply) => {
  reply.hijack()
  reply.raw.write(JSON.stringify({ result: { header: { revision: '1' }, created: true } }) + '\\n')
})
server.post('/api/dataplane/*', async () => ({}))
await server.ready()
const authority = await makeAuthority()
writeFileSync('/tmp/authority.json', JSON.stringify(authority))
writeFileSync('/tmp/own.json', JSON.stringify({ ...await issueClientCertificate(authority, { gatewayGroupId: 'default' }), ca: authority.certificate }))
await openGatewayDoor(server, authority, { listenHost: '0.0.0.0', tlsPort: 7943, nodeName: 'door' })
process.stdout.write('open')
`
/** What issue-refused.ts does, for an authority that is in a file. */
const ISSUE = `
import { readFileSync } from 'node:fs'
import { issueRefused } from '/app/control-plane/refused-certificate.ts'
const [state, gatewayGroupId] = process.argv.slice(1)
process.stdout.write(JSON.stringify(await issueRefused(JSON.parse(readFileSync('/tmp/authority.json', 'utf8')), { state, gatewayGroupId })))
`
const module = (program: string, ...more: string[]): readonly string[] => [
  '--input-type=module',
  '-e',
  program,
  ...more,
]

/** Starts everything. `end` removes whatever carries the run's label. */
export const startBehindDoor = async () => {
  const run = `identity-test-${randomBytes(3).toString('hex')}`
  await takeLease({ run, kind: 'drill', subnet: `${SUBNET}.0/24` })
  const end = async (): Promise<void> => {
    await withEngineUnstuck(run, () => remove(run))
    await endLease(run)
  }
  try {
    return await startOn(run, end)
  } catch (error) {
    await end()
    throw error
  }
}

const startOn = async (run: string, end: () => Promise<void>) => {
  const Labels = { 'firedrill.run': run }
  const IPAM = { Config: [{ Subnet: `${SUBNET}.0/24` }] }
  await docker().createNetwork({ Name: run, Labels, IPAM })
  const start = async (
    name: string,
    {
      image,
      place,
      ports,
      ...more
    }: { image: string; place: number; ports: Container['ports']; [more: string]: unknown },
  ): Promise<Container> => {
    const address = `${SUBNET}.${place}`
    const created = await docker().createContainer({
      name: `${run}-${name}`,
      Image: image,
      Labels: { ...Labels, 'firedrill.node': name },
      Healthcheck: { Test: ['NONE'] },
      HostConfig: { NetworkMode: run },
      NetworkingConfig: { EndpointsConfig: { [run]: { IPAMConfig: { IPv4Address: address } } } },
      ...more,
    })
    await created.start()
    return { id: created.id, name: `${run}-${name}`, service: name, address, image, ports }
  }
  const door = await start('door', {
    image: IMAGES.door,
    place: 10,
    ports: { 'dp-manager-tls': { inside: 7943 } },
    Cmd: module(DOOR),
  })
  const own = await untilSo('the door is open', async () => {
    const { exitCode, output } = await dockerRuntime.execute(door.id, ['cat', '/tmp/own.json'])
    return exitCode === 0 && output.endsWith('}')
      ? (JSON.parse(output) as Record<'certificate' | 'key' | 'ca', string>)
      : null
  })
  const gateway = async (name: string, place: number): Promise<Node> => {
    const Env = [
      `NODE_NAME=${name}`,
      `API7_DP_MANAGER_ENDPOINTS=["https://${door.address}:7943"]`,
      'API7_DP_MANAGER_SNI=api7ee3-dp-manager',
      `API7_DP_MANAGER_CERT=${own.certificate}`,
      `API7_DP_MANAGER_KEY=${own.key}`,
      `API7_DP_MANAGER_CA=${own.ca}`,
      'GATEWAY_TIMINGS=lab',
    ]
    const ports = { status: { inside: 7085 }, http: { inside: 9080 } }
    const container = await start(name, { image: IMAGES.gateway, place, ports, Env })
    return { name, role: 'data-plane', zone: 'a', containers: [container] }
  }
  const target = await gateway('target', 20)
  const other = await gateway('other', 21)
  const controlPlane: Node = { name: 'door', role: 'control-plane', zone: 'a', containers: [door] }
  const nodes = [controlPlane, target, other]
  const topology: Topology = { stack: 'door', project: run, network: run, subnet: SUBNET, nodes }

  const folder = await mkdtemp(join(tmpdir(), 'firedrill-identity-'))
  const clock = clockSince()
  const recorder = openRecorder(join(folder, 'history.jsonl'), createRedactor([]))
  const callers = await startCallers({
    image: IMAGES.callers,
    network: run,
    run,
    seed: 1,
    zone: 'outside',
    nodes: nodes.map(({ name }) => name),
    clock,
    recorder,
    folder,
    name: `${run}-callers`,
  })
  const probe: Parameters<typeof networkOver>[0]['probe'] = (address, port, limitMs) =>
    callers.connect(address, port, limitMs)
  const { network } = networkOver({ run, probe, clock, image: IMAGES.helper })
  const world: IdentityWorld = {
    runtime: dockerRuntime,
    network,
    clock,
    doors: doorsOf(nodes),
    issue: async ({ state, gatewayGroupId }) => {
      const { output } = await dockerRuntime.execute(door.id, ['node', ...module(ISSUE, state, gatewayGroupId)])
      return JSON.parse(output)
    },
    ...looksBy(callers.get),
    attestLimitMs: 3000,
  }
  /** What a node's own word on its readiness is. */
  const statusOf = async ({ containers: [container] }: Node): Promise<number | null> =>
    (await world.statusOf(`http://${container?.address}:7085/status/ready`, 2000)).status
  for (const node of [target, other])
    await untilSo(`${node.name} is ready`, async () => ((await statusOf(node)) === 200 ? true : null))
  return {
    run,
    world,
    target,
    other,
    door,
    statusOf,
    /** What a call is answered with: 502, since the one route leads nowhere, and 404 where the node has lost it. */
    callOf: async ({ containers: [container] }: Node): Promise<number | null> =>
      (await world.statusOf(`http://${container?.address}:9080/orders`, 2000)).status,
    /** What a rehearsal needs. */
    stage: { clock, topology, folder, engineEvents: () => [] },
    async end() {
      await network.settled()
      await callers.stop()
      recorder.close()
      await end()
      await rm(folder, { recursive: true })
    },
  }
}

const untilSo = async <T>(what: string, look: () => Promise<T | null>): Promise<T> => {
  const limit = AbortSignal.timeout(READY_LIMIT_MS)
  for (;;) {
    const seen = await look()
    if (seen !== null) return seen
    if (limit.aborted) throw new Error(`${what}: not within ${READY_LIMIT_MS / 1000} s.`)
    await pause(NEXT_LOOK_MS)
  }
}
